import type { NixherdError } from "../../lib/errors.ts";
import { type HeldPlan, releasePlan } from "../../reconcile/held-plans.ts";
import type { Allowances } from "../../reconcile/judge-plan.ts";
import { siteFile } from "../../specs/list-spec-files.ts";
import { readSite } from "../../specs/read-site.ts";
import type { StackPlan } from "../../terraform/stack-plan.ts";
import { applyStack } from "./apply-stack.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack } from "./each-stack.ts";
import { judgeStacks } from "./judge-stacks.ts";
import { planStacks, stacksAtOnce } from "./plan-stacks.ts";
import { prepareStacks } from "./prepare-stacks.ts";
import { refuseTakenVmIds } from "./refuse-taken-vmids.ts";
import { tellSteps } from "./systems/plan-steps.ts";
import { withPlanFolder } from "./with-plan-folder.ts";

export interface ChangeRequest {
  /** Names of stacks; empty means all. */
  readonly names: readonly string[];
  /** VMIDs; empty means everything in the stacks. */
  readonly targets: readonly number[];
  readonly isDestroy: boolean;
  /** Somebody sees the plans and confirms them; the policy allows more then. */
  readonly isAttended: boolean;
  /** What the policy forbids and this run may do all the same. */
  readonly allowances: Allowances;
  /** The held plan that somebody approved. */
  readonly approved?: HeldPlan;
  /** "if-missing" works with an earlier synthesis where there is one. Defaults to "always". */
  readonly synth?: "always" | "if-missing";
  /** Asked once, with every plan that changes something; throws when the answer is no. */
  readonly confirm: (plans: readonly StackPlan[]) => Promise<void>;
}

/**
 * Plans the stacks, judges the plans by the policy, has them confirmed, and applies exactly these plans. Failures of
 * single stacks are reported and handed back.
 * @throws what prevents everything: INVALID_INPUT, SYNTH_FAILED, USAGE, NEEDS_CONFIRMATION, no program
 */
export async function changeStacks(
  context: PipelineContext,
  request: ChangeRequest,
): Promise<NixherdError[]> {
  const { names, targets, isDestroy } = request;
  const synth = request.synth ?? "always";
  const systems = isDestroy || synth === "if-missing" ? "skip" : "build";
  const prepared = await prepareStacks(context, { names, targets, synth, systems });
  const { site } = readSite(context.root, siteFile);
  const { parallelism } = site.terraform;
  return withPlanFolder(context.root, async (planFolder) => {
    const planRequest = { isDestroy, parallelism, planFolder };
    const planned = await planStacks(prepared, planRequest, context);
    const [unchanged, changing] = partition(planned.done, ({ plan }) => !plan.hasChanges);
    // Nothing is left to approve there.
    for (const { name } of unchanged) await releasePlan(context.root, name);
    if (systems === "build") for (const stack of changing) await tellSteps(stack, context);
    const allowed = await refuseTakenVmIds(changing, site, context);
    const judgement = { ...request, now: new Date() };
    const judged = await judgeStacks(allowed.done, site, judgement, context);
    const plans = judged.done.map(({ plan }) => plan);
    if (plans.length > 0) {
      await request.confirm(plans);
      context.report({ event: "applying", stacks: plans.map(({ stack }) => stack) });
    }
    const applied = await eachStack(judged.done, stacksAtOnce, context, (stack) =>
      applyStack(stack, parallelism, context),
    );
    return [...planned.failures, ...allowed.failures, ...judged.failures, ...applied.failures];
  });
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
