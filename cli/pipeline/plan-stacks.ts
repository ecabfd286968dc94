import type { SiteSpec } from "../../specs/site-spec.ts";
import { addressesOfMachine } from "../../terraform/machine-address.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack, type StackResults } from "./each-stack.ts";
import { forgetSettled } from "./note-begun.ts";
import {
  initStack,
  type PlannedStack,
  type PlanRequest,
  type PreparedStack,
  planStack,
} from "./plan-stack.ts";
import { recoverMachines } from "./recover-machines.ts";
import { retryTransient } from "./retry-transient.ts";

/** Stacks planned or applied at the same time; each of them works on several machines at once. */
export const stacksAtOnce = 4;

type PlanStacksRequest = Omit<PlanRequest, "targets">;

export interface RecoveryRequest extends PlanStacksRequest {
  readonly site: SiteSpec;
}

/** Initialises the stacks one after the other (a shared plugin cache bears no more), then plans them side by side. */
export async function planStacks(
  stacks: readonly PreparedStack[],
  request: PlanStacksRequest,
  context: PipelineContext,
): Promise<StackResults<PlannedStack>> {
  const initialised = await eachStack(stacks, 1, context, async (stack) => {
    if (stack.failure !== undefined) throw stack.failure;
    await initStack(stack, context);
    return stack;
  });
  const planned = await eachStack(initialised.done, stacksAtOnce, context, (stack) =>
    retryTransient({ stack: stack.name }, context, () => planTargets(stack, request, context)),
  );
  return { done: planned.done, failures: [...initialised.failures, ...planned.failures] };
}

/** Takes machines into the state that an interrupted run made without recording them; plans stacks that had some again. */
export async function recoverStacks(
  stacks: readonly PlannedStack[],
  request: RecoveryRequest,
  context: PipelineContext,
): Promise<StackResults<PlannedStack>> {
  return eachStack(stacks, stacks.length, context, (stack) =>
    retryTransient({ stack: stack.name }, context, ({ number }) =>
      number === 1 ? recover(stack, request, context) : planAndRecover(stack, request, context),
    ),
  );
}

/** Plans a stack, with what an interrupted run made of it. */
export async function planAndRecover(
  stack: PreparedStack,
  request: RecoveryRequest,
  context: PipelineContext,
): Promise<PlannedStack> {
  return recover(await planTargets(stack, request, context), request, context);
}

async function recover(
  planned: PlannedStack,
  request: RecoveryRequest,
  context: PipelineContext,
): Promise<PlannedStack> {
  if (!(await recoverMachines(planned, request.site, context))) {
    await forgetSettled(context.root, planned);
    return planned;
  }
  return { ...(await planTargets(planned, request, context)), isRecovered: true };
}

/** Plans what a stack was narrowed down to. */
export function planTargets(
  stack: PreparedStack,
  request: PlanStacksRequest,
  context: PipelineContext,
): Promise<PlannedStack> {
  return planStack(stack, { ...request, targets: stack.targets.flatMap(addressesOfMachine) }, context);
}
