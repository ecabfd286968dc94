import type { NixherdError } from "../../lib/errors.ts";
import { siteFile } from "../../specs/list-spec-files.ts";
import { readSite } from "../../specs/read-site.ts";
import type { StackPlan } from "../../terraform/stack-plan.ts";
import { applyStack } from "./apply-stack.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack } from "./each-stack.ts";
import { planStacks, stacksAtOnce } from "./plan-stacks.ts";
import { prepareStacks } from "./prepare-stacks.ts";
import { refuseTakenVmIds } from "./refuse-taken-vmids.ts";
import { withPlanFolder } from "./with-plan-folder.ts";

export interface ChangeRequest {
  /** Names of stacks; empty means all. */
  readonly names: readonly string[];
  /** VMIDs; empty means everything in the stacks. */
  readonly targets: readonly number[];
  readonly isDestroy: boolean;
  /** Asked once, with every plan that changes something; throws when the answer is no. */
  readonly confirm: (plans: readonly StackPlan[]) => Promise<void>;
}

/**
 * Plans the stacks, has the plans confirmed, and applies exactly these plans. Failures of single stacks are reported
 * and handed back.
 * @throws what prevents everything: INVALID_INPUT, SYNTH_FAILED, USAGE, NEEDS_CONFIRMATION, no program
 */
export async function changeStacks(
  context: PipelineContext,
  request: ChangeRequest,
): Promise<NixherdError[]> {
  const { names, targets, isDestroy } = request;
  const prepared = await prepareStacks(context, { names, targets, synth: "always" });
  const { site } = readSite(context.root, siteFile);
  const { parallelism } = site.terraform;
  return withPlanFolder(context.root, async (planFolder) => {
    const planRequest = { isDestroy, targets, parallelism, planFolder };
    const planned = await planStacks(prepared, planRequest, context);
    const changing = planned.done.filter(({ plan }) => plan.hasChanges);
    const allowed = await refuseTakenVmIds(changing, site, context);
    const plans = allowed.done.map(({ plan }) => plan);
    if (plans.length > 0) {
      await request.confirm(plans);
      context.report({ event: "applying", stacks: plans.map(({ stack }) => stack) });
    }
    const applied = await eachStack(allowed.done, stacksAtOnce, context, (stack) =>
      applyStack(stack, parallelism, context),
    );
    return [...planned.failures, ...allowed.failures, ...applied.failures];
  });
}
