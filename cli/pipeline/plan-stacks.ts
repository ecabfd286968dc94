import { addressesOfMachine } from "../../terraform/machine-address.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack, type StackResults } from "./each-stack.ts";
import { initStack, type PlannedStack, type PreparedStack, planStack } from "./plan-stack.ts";

/** Stacks planned or applied at the same time; each of them works on several machines at once. */
export const stacksAtOnce = 4;

interface PlanStacksRequest {
  readonly isDestroy: boolean;
  readonly parallelism: number;
  readonly planFolder: string;
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
    planStack(stack, { ...request, targets: stack.targets.flatMap(addressesOfMachine) }, context),
  );
  return { done: planned.done, failures: [...initialised.failures, ...planned.failures] };
}
