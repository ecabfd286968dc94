import type { HeldPlan } from "../../reconcile/held-plans.ts";
import type { Objection } from "../../reconcile/judge-plan.ts";
import type { Screen } from "./screen.ts";

/** A held plan: id, stack, what it does, since when, and every objection on a line of its own. */
export function formatHeld(
  { id, stack, summary, heldAt, objections }: HeldPlan,
  paint: Screen["paint"],
): string {
  const since = paint("dim", `held since ${heldAt.slice(0, 16).replace("T", " ")} UTC`);
  return [
    `${paint("bold", id)}  ${stack}: ${summary} ${since}`,
    ...objections.map(({ message }) => `  ${message}`),
  ].join("\n");
}

/** What an unattended apply of a stack would be held for. */
export function formatObjections(
  stack: string,
  objections: readonly Objection[],
  paint: Screen["paint"],
): string {
  const head = `${paint("bold", stack)}: ${paint("yellow", "an unattended apply would be held")}`;
  return [head, ...objections.map(({ message }) => `  ${message}`)].join("\n");
}
