import { NixherdError } from "../../lib/errors.ts";
import { type PulledState, pullState } from "../../terraform/state-pull.ts";
import type { PipelineContext } from "./context.ts";
import { initStack, type PreparedStack } from "./plan-stack.ts";

/** A stack and what its backend holds. */
export interface StackState {
  readonly stack: PreparedStack;
  readonly state: PulledState;
}

/**
 * Reads the states of stacks, one after the other.
 * @throws what `init` and `pullState` throw: a state that cannot be read may hold what is looked for
 */
export async function readStates(
  stacks: readonly PreparedStack[],
  context: PipelineContext,
): Promise<StackState[]> {
  const states: StackState[] = [];
  for (const stack of stacks) {
    if (context.interrupt.aborted) throw interrupted();
    await initStack(stack, context);
    states.push({ stack, state: await pullState(stack.folder) });
  }
  return states;
}

function interrupted(): NixherdError {
  return new NixherdError("INTERRUPTED", {
    message: "Nothing was changed.",
    hint: "Run the command again.",
  });
}
