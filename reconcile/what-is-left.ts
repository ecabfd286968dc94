import type { MachinePlan, StackPlan } from "../terraform/stack-plan.ts";

/**
 * Whether a plan does only what is left of one that was confirmed and failed on the way: nothing to a machine or another
 * resource that the first one left alone, and no end of a machine that the first one did not end or make itself.
 */
export function isWhatIsLeft(next: StackPlan, confirmed: StackPlan): boolean {
  const machines = new Map(confirmed.machines.map((machine) => [machine.vmId, machine]));
  const others = new Set(confirmed.others.map(({ address }) => address));
  return (
    next.machines.every((machine) => isLeftOf(machine, machines.get(machine.vmId))) &&
    next.others.every(({ address }) => others.has(address))
  );
}

function isLeftOf(next: MachinePlan, before: MachinePlan | undefined): boolean {
  if (before === undefined) return false;
  const { action } = before;
  if (next.action === "destroy") return action === "destroy";
  if (next.action === "replace") return action === "replace" || next.isUnfinished;
  if (next.action === "create") return action === "create" || action === "replace";
  if (next.action === "forget") return action === "forget";
  // What a failed step left: a machine that stands still, a change that was not made.
  return action !== "destroy" && action !== "forget";
}
