import type { MachinePlan, StackPlan } from "../../terraform/stack-plan.ts";

/** A machine to which nothing happens, but for what `more` says. */
export function machinePlan(vmId: number, more: Partial<MachinePlan> = {}): MachinePlan {
  return {
    vmId,
    name: `web-${vmId}`,
    node: "pve1",
    action: "none",
    nixos: "none",
    changedAttributes: [],
    unknownAttributes: [],
    power: "none",
    powerBecauseOf: [],
    replacedBecauseOf: [],
    tags: [],
    isProtected: false,
    isGone: false,
    isUnfinished: false,
    ...more,
  };
}

/** A plan of a stack "demo" that knows as many machines as it touches. */
export function stackPlan(machines: readonly MachinePlan[], more: Partial<StackPlan> = {}): StackPlan {
  return {
    stack: "demo",
    isDestroy: false,
    hasChanges: true,
    machines,
    others: [],
    outputs: [],
    machineCount: machines.length,
    ...more,
  };
}
