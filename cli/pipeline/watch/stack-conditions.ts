import type { NixherdError } from "../../../lib/errors.ts";
import type { Condition } from "../../../reconcile/watch/conditions.ts";
import type { SynthesisedStack } from "../../../reconcile/watch/stack-turn.ts";
import type { StackRun } from "./run-stack.ts";
import type { WatchProblem } from "./watch-events.ts";

type NewCondition = Omit<Condition, "since" | "revision">;

/** Problems that a message repeats; the others are counted. */
const mostProblems = 5;

const applied: NewCondition = { type: "Ready", reason: "Applied", message: "As the specs say." };

export const planning: NewCondition = { type: "Reconciling", reason: "Planning", message: "" };

const changeSeen: NewCondition = {
  type: "Reconciling",
  reason: "ChangeSeen",
  message: "There is something to apply.",
};

/**
 * A stack's condition after a synthesis; undefined when it stays what it is: what failed before and was not changed
 * since has not become better, and what a look at the whole stack found is still there.
 */
export function afterSynthesis(
  stack: SynthesisedStack,
  before: SynthesisedStack | undefined,
  problems: readonly WatchProblem[],
): NewCondition | undefined {
  if (!stack.isSound) return invalid(problemsOf(stack.name, problems));
  const isNew = before === undefined || !before.isSound || before.digest !== stack.digest;
  if (!isNew) return undefined;
  return stack.isChanged ? changeSeen : applied;
}

function problemsOf(name: string, problems: readonly WatchProblem[]): WatchProblem[] {
  return problems.filter(({ stack, severity }) => severity === "error" && (stack === null || stack === name));
}

function invalid(problems: readonly WatchProblem[]): NewCondition {
  const lines = problems
    .slice(0, mostProblems)
    .map(({ file, pointer, message }) => `${file}:${pointer}: ${message}`);
  const more = problems.length - lines.length;
  const message = [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
  return { type: "Stalled", reason: "INVALID_INPUT", message };
}

/** The condition of every stack when nothing could be synthesised. */
export function afterFailedSynthesis({ code, message, hint }: NixherdError): NewCondition {
  return { type: "Stalled", reason: code, message: `${message} ${hint}` };
}

/** A stack's condition after a run. */
export function afterRun({ outcome, failures, drifted }: StackRun): NewCondition {
  const [first] = failures;
  if (first !== undefined) {
    const isRetried = outcome === "retry";
    const ending = isRetried ? "It is tried again by itself." : first.hint;
    return {
      type: isRetried ? "Reconciling" : "Stalled",
      reason: first.code,
      message: `${first.message} ${ending}`,
    };
  }
  if (drifted.length === 0) return applied;
  const names = drifted.map(({ name, vmId }) => `${name} (${vmId})`).join(", ");
  return { type: "Stalled", reason: "Drifted", message: `Not as their specs say any more: ${names}.` };
}
