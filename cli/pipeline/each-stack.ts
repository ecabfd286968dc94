import { NixherdError } from "../../lib/errors.ts";
import { runBounded } from "../../lib/run-bounded.ts";
import { asNixherdError } from "./as-nixherd-error.ts";
import type { PipelineContext } from "./context.ts";

/** What came out of a step for several stacks. */
export interface StackResults<R> {
  readonly done: readonly R[];
  readonly failures: readonly NixherdError[];
}

/** Runs a step for several stacks, at most `limit` at once. A stack that fails is reported and does not stop the others. */
export async function eachStack<S extends { readonly name: string }, R>(
  stacks: readonly S[],
  limit: number,
  context: PipelineContext,
  step: (stack: S) => Promise<R>,
): Promise<StackResults<R>> {
  const failures: NixherdError[] = [];
  const results = await runBounded(stacks, limit, async (stack): Promise<R[]> => {
    try {
      if (context.interrupt.aborted) throw notBegun(stack.name);
      return [await step(stack)];
    } catch (thrown) {
      const error = asNixherdError(thrown);
      failures.push(error);
      reportError(context.report, error, stack.name);
      return [];
    }
  });
  return { done: results.flat(), failures };
}

/** Reports an error and the further ones that its cause holds. */
export function reportError(report: PipelineContext["report"], error: NixherdError, stack?: string): void {
  const further = error.cause instanceof AggregateError ? error.cause.errors : [];
  const all = [error, ...further.filter((other) => other instanceof NixherdError)];
  for (const { code, message, hint } of all) {
    report({ event: "error", ...(stack === undefined ? {} : { stack }), code, message, hint });
  }
}

function notBegun(stack: string): NixherdError {
  return new NixherdError("INTERRUPTED", {
    message: `Nothing was begun in stack ${stack}.`,
    hint: "Run the command again.",
  });
}
