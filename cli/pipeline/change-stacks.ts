import type { NixherdError } from "../../lib/errors.ts";
import { partition } from "../../lib/partition.ts";
import type { HeldPlan } from "../../reconcile/held-plans.ts";
import type { Allowances } from "../../reconcile/judge-plan.ts";
import { siteFile } from "../../specs/list-spec-files.ts";
import { readSite } from "../../specs/read-site.ts";
import type { StackPlan } from "../../terraform/stack-plan.ts";
import { applyUntilDone } from "./apply-until-done.ts";
import { boundClones } from "./bound-clones.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack } from "./each-stack.ts";
import { judgeStacks, releaseHeld } from "./judge-stacks.ts";
import { forgetBegun } from "./note-begun.ts";
import { planStacks, recoverStacks, stacksAtOnce } from "./plan-stacks.ts";
import { allStacks, prepareStacks, type SynthMode } from "./prepare-stacks.ts";
import { refuseMovedSpecs } from "./refuse-moved-specs.ts";
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
  /** Defaults to "always". */
  readonly synth?: SynthMode;
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
    const recovered = await recoverStacks(planned.done, { ...planRequest, site }, context);
    const [unchanged, changing] = partition(recovered.done, ({ plan }) => !plan.hasChanges);
    for (const stack of unchanged) {
      await releaseHeld(context.root, stack);
      await forgetBegun(context.root, stack);
    }
    if (systems === "build") for (const stack of changing) await tellSteps(stack, context);
    const staying = await refuseMovedSpecs(changing, context);
    const search = { site, allStacks: () => allStacks(context) };
    const allowed = await refuseTakenVmIds(staying.done, search, context);
    const judgement = { ...request, now: new Date() };
    const judged = await judgeStacks(allowed.done, site, judgement, context);
    const plans = judged.done.map(({ plan }) => plan);
    if (plans.length > 0) {
      await request.confirm(plans);
      context.report({ event: "applying", stacks: plans.map(({ stack }) => stack) });
    }
    const lanes = boundClones(judged.done, { ...site.terraform, stacksAtOnce });
    const applied = await eachStack(judged.done, lanes.stacksAtOnce, context, (stack) => {
      const lane = { parallelism: lanes.parallelismOf(stack.name) };
      return applyUntilDone(stack, { ...planRequest, ...lane, site, judgement }, context);
    });
    return [planned, recovered, staying, allowed, judged, applied].flatMap(({ failures }) => failures);
  });
}
