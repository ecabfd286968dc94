import { NixherdError } from "../../lib/errors.ts";
import { isTransient } from "../../reconcile/transient-failures.ts";
import { isWhatIsLeft } from "../../reconcile/what-is-left.ts";
import type { SiteSpec } from "../../specs/site-spec.ts";
import { changesOutputsOnly } from "../../terraform/stack-plan.ts";
import { applyStack } from "./apply-stack.ts";
import type { PipelineContext } from "./context.ts";
import { type Judgement, judgeStack } from "./judge-stacks.ts";
import { forgetBegun, noteBegun } from "./note-begun.ts";
import type { PlannedStack, PlanRequest } from "./plan-stack.ts";
import { planAndRecover, planTargets } from "./plan-stacks.ts";
import { refuseTakenIn } from "./refuse-taken-vmids.ts";
import { type Attempt, retryTransient } from "./retry-transient.ts";
import { tellStopped } from "./tell-stopped.ts";

export interface ApplyRequest extends Omit<PlanRequest, "targets"> {
  readonly site: SiteSpec;
  readonly judgement: Judgement;
}

/**
 * Applies a stack's confirmed plan. After failures that pass by themselves the stack is planned again, with a full
 * refresh, and what is left of the confirmed plan is applied, once it was judged by the policy again.
 * @throws the last failure, PLAN_HELD
 */
export async function applyUntilDone(
  confirmed: PlannedStack,
  request: ApplyRequest,
  context: PipelineContext,
): Promise<void> {
  const { root } = context;
  let isApplying = false;
  let lastFailure: unknown;
  const mayPass = (error: unknown): error is NixherdError => {
    lastFailure = error;
    // A clone that a broken connection had asked for can arrive late; the next plan finds out whose it is.
    const isLateClone = isApplying && error instanceof NixherdError && error.code === "VMID_TAKEN";
    return isLateClone || isTransient(error);
  };
  const step = async ({ number, progress }: Attempt): Promise<void> => {
    const hasFailedToPlan = !isApplying;
    isApplying = false;
    const stack = number === 1 ? confirmed : await planWhatIsLeft(confirmed, lastFailure, request, context);
    if (hasFailedToPlan) progress();
    if (stack.plan.hasChanges) {
      await noteBegun(root, stack);
      isApplying = true;
      await applyStack(stack, request.parallelism, context);
      isApplying = false;
      if (stack.isRecovered) await settleOutputs(stack, request, context);
    }
    await forgetBegun(root, stack);
  };
  try {
    await retryTransient({ stack: confirmed.name, mayPass }, context, step);
  } catch (error) {
    await tellStopped(confirmed, request.site, context);
    throw error instanceof Overtaken ? error.failure : error;
  }
}

/** A failure after which there is more to do than what somebody confirmed: the next run shows it. */
class Overtaken extends Error {
  readonly failure: unknown;

  constructor(failure: unknown) {
    super("the plan is another one than the one that was confirmed");
    this.failure = failure;
  }
}

/** The provider tells the addresses of a machine that was imported in another way after its first change. */
async function settleOutputs(
  stack: PlannedStack,
  { site: _, judgement: __, ...planRequest }: ApplyRequest,
  context: PipelineContext,
): Promise<void> {
  const next = await planTargets(stack, planRequest, context);
  if (changesOutputsOnly(next.plan)) await applyStack(next, planRequest.parallelism, context);
}

async function planWhatIsLeft(
  confirmed: PlannedStack,
  failure: unknown,
  { site, judgement, ...planRequest }: ApplyRequest,
  context: PipelineContext,
): Promise<PlannedStack> {
  const next = await planAndRecover(confirmed, { ...planRequest, site }, context);
  if (!next.plan.hasChanges) return next;
  if (!isWhatIsLeft(next.plan, confirmed.plan)) throw new Overtaken(failure);
  await refuseTakenIn(next, site);
  return judgeStack(next, site, { ...judgement, isContinuation: true, now: new Date() }, context);
}
