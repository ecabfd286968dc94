import type { StackPlan } from "./stack-plan.ts";

/** "2 to create, 1 to destroy, 2 NixOS steps"; "only outputs" when nothing else changes. */
export function sumUpPlan({ machines, others }: StackPlan): string {
  const actions = [...machines, ...others].map(({ action }) => action);
  const counts = (["create", "update", "replace", "destroy", "forget"] as const)
    .map((action) => ({ action, count: actions.filter((other) => other === action).length }))
    .filter(({ count }) => count > 0)
    .map(({ action, count }) => `${count} to ${action}`);
  const cycles = machines.filter(({ power }) => power === "power cycle").length;
  if (cycles > 0) counts.push(cycles === 1 ? "1 power cycle" : `${cycles} power cycles`);
  const steps = machines.filter(({ nixos }) => nixos !== "none").length;
  if (steps > 0) counts.push(steps === 1 ? "1 NixOS step" : `${steps} NixOS steps`);
  const policies = machines.filter(({ policy }) => policy?.isChanged === true).length;
  if (policies > 0) counts.push(policies === 1 ? "1 policy" : `${policies} policies`);
  return counts.length === 0 ? "only outputs" : counts.join(", ");
}
