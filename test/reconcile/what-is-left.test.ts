import { expect, test } from "vitest";
import { isWhatIsLeft } from "../../reconcile/what-is-left.ts";
import type { MachinePlan, PlannedAction } from "../../terraform/stack-plan.ts";
import { machinePlan, stackPlan } from "../terraform/plans.ts";

function isLeft(next: PlannedAction, confirmed: PlannedAction, more: Partial<MachinePlan> = {}): boolean {
  const [after, before] = [
    machinePlan(101, { action: next, ...more }),
    machinePlan(101, { action: confirmed }),
  ];
  return isWhatIsLeft(stackPlan([after]), stackPlan([before]));
}

const actions: readonly PlannedAction[] = ["none", "create", "update", "replace", "destroy", "forget"];

/** What may be left of each action. A machine without action has a NixOS step. */
const leftOf: Readonly<Record<PlannedAction, readonly PlannedAction[]>> = {
  none: ["none", "update"],
  create: ["none", "create", "update"],
  update: ["none", "update"],
  replace: ["none", "create", "update", "replace"],
  destroy: ["destroy"],
  forget: ["forget"],
};

test.each(actions)("of a confirmed %s only its own rest is left", (confirmed) => {
  expect(actions.filter((next) => isLeft(next, confirmed))).toEqual(leftOf[confirmed]);
});

test("a machine whose making failed may be replaced, whatever was confirmed for it", () => {
  expect(isLeft("replace", "create", { isUnfinished: true })).toBe(true);
  expect(isLeft("replace", "create")).toBe(false);
});

test("a machine or resource that the confirmed plan left alone is none of the rest", () => {
  const confirmed = stackPlan([machinePlan(101, { action: "create" })]);
  expect(isWhatIsLeft(stackPlan([machinePlan(102, { action: "update" })]), confirmed)).toBe(false);
  const other = {
    address: "proxmox_virtual_environment_pool.web",
    action: "create",
    changedAttributes: [],
  } as const;
  expect(isWhatIsLeft(stackPlan([], { others: [other] }), confirmed)).toBe(false);
  expect(isWhatIsLeft(stackPlan([]), { ...confirmed, others: [other] })).toBe(true);
});
