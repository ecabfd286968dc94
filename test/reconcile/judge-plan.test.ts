import fc from "fast-check";
import { expect, test } from "vitest";
import { judgePlan, type Occasion } from "../../reconcile/judge-plan.ts";
import type { JsonObject } from "../../specs/json.ts";
import { fillSite } from "../../specs/read-site.ts";
import type { SitePolicy } from "../../specs/schema/site-policy.ts";
import type { PlannedPolicy, StackPlan } from "../../terraform/stack-plan.ts";
import { machinePlan, stackPlan } from "../terraform/plans.ts";

const sunday = new Date("2026-11-22T02:30:00Z");
const unattended: Occasion = { isAttended: false, now: sunday, allowances: {} };
const attended: Occasion = { ...unattended, isAttended: true };

function policyOf(written: JsonObject): SitePolicy {
  return fillSite({ policy: written }).policy;
}

function rulesAgainst(plan: StackPlan, written: JsonObject, occasion: Occasion = unattended): string[] {
  return judgePlan(plan, policyOf(written), occasion).map(({ rule }) => rule);
}

const ending = (...vmIds: number[]) => vmIds.map((vmId) => machinePlan(vmId, { action: "destroy" }));
const cycled = stackPlan([
  machinePlan(101, { action: "update", power: "power cycle", powerBecauseOf: ["bios"] }),
]);

test("Without a policy nothing is destroyed that nobody confirmed, and everything that somebody did.", () => {
  const plan = stackPlan(ending(101));
  expect(rulesAgainst(plan, {})).toEqual(["destroy-limit"]);
  expect(rulesAgainst(plan, {}, attended)).toEqual([]);
});

test("Live changes, new machines and NixOS steps need nobody.", () => {
  const machines = [
    machinePlan(101, { action: "update" }),
    machinePlan(102, { action: "create", nixos: "first" }),
    machinePlan(103, { nixos: "changed" }),
  ];
  expect(rulesAgainst(stackPlan(machines), {})).toEqual([]);
});

test("A replacement counts as a machine that is destroyed.", () => {
  const plan = stackPlan([machinePlan(101, { action: "replace" })]);
  const [objection] = judgePlan(plan, policyOf({}), unattended);
  expect(objection?.message).toBe("1 machine would be destroyed or replaced, 0 may be: web-101 (101).");
});

test.each([
  [{ most: 2 }, [101, 102], 10, []],
  [{ most: 2 }, [101, 102, 103], 10, ["destroy-limit"]],
  [{ mostPercent: 20 }, [101, 102], 10, []],
  [{ mostPercent: 20 }, [101, 102], 9, ["destroy-limit"]],
  [{ most: 5, mostPercent: 10 }, [101, 102], 10, ["destroy-limit"]],
])(
  "The bound %j for the end of %j in a stack of %d machines objects by %j.",
  (destroy, vmIds, machineCount, rules) => {
    expect(rulesAgainst(stackPlan(ending(...vmIds), { machineCount }), { destroy })).toEqual(rules);
  },
);

test("The bound holds on a terminal too; --allow-destroy replaces it for one run.", () => {
  const plan = stackPlan(ending(101, 102));
  expect(rulesAgainst(plan, { destroy: { most: 1 } }, attended)).toEqual(["destroy-limit"]);
  expect(rulesAgainst(plan, { destroy: { most: 1 } }, { ...unattended, allowances: { destroy: 2 } })).toEqual(
    [],
  );
});

test("A destroy that was asked for by its name has no bound, but never touches what must never go.", () => {
  const plan = stackPlan(ending(101), { isDestroy: true });
  expect(rulesAgainst(plan, {})).toEqual([]);
  expect(rulesAgainst(plan, { neverDestroyStacks: ["demo"] }, attended)).toEqual(["never-destroy"]);
});

test("What the cluster would refuse to remove is objected to before the machine is stopped for it.", () => {
  const plan = stackPlan([machinePlan(101, { action: "destroy", isProtected: true })]);
  const objections = judgePlan(plan, policyOf({}), { ...attended, allowances: { destroy: 9 } });
  expect(objections).toMatchObject([{ rule: "protected", isFinal: true }]);
});

const policyBefore = (before: object, after: object = before) => ({
  policy: { isChanged: before !== after, before, after } as PlannedPolicy,
});

test("A machine whose state says neverDestroy is kept, also when the spec says it no more in the same plan.", () => {
  const last = machinePlan(101, { action: "destroy", ...policyBefore({ neverDestroy: true }, {}) });
  const fresh = machinePlan(102, { action: "replace", ...policyBefore({}, { neverDestroy: true }) });
  const plan = stackPlan([last, fresh, ...ending(103)]);
  const [objection] = judgePlan(plan, policyOf({}), { ...attended, allowances: { destroy: 9 } });
  expect(objection).toMatchObject({ rule: "never-destroy", isFinal: true });
  expect(objection?.message).toMatch(/: web-101 \(101\), web-102 \(102\)\.$/);
});

test("A machine's own word about power cycles takes the place of the site's, window for window.", () => {
  const own = (after: object) =>
    stackPlan([machinePlan(101, { action: "update", power: "power cycle", ...policyBefore({}, after) })]);
  const night = [{ days: ["sun"], from: "02:00", to: "03:00", timeZone: "UTC" }];
  const day = [{ days: ["sun"], from: "12:00", to: "13:00", timeZone: "UTC" }];
  expect(rulesAgainst(own({ powerCycle: "confirm" }), {})).toEqual(["power-cycle"]);
  expect(rulesAgainst(own({ powerCycle: "allow" }), { powerCycle: "confirm" })).toEqual([]);
  const site = { powerCycle: "window", maintenanceWindows: night };
  expect(rulesAgainst(own({}), site)).toEqual([]);
  expect(rulesAgainst(own({ maintenanceWindows: day }), site)).toEqual(["power-cycle"]);
  expect(rulesAgainst(own({ powerCycle: "window", maintenanceWindows: night }), {})).toEqual([]);
});

test("A changed vmId needs somebody who sees it, even where some machines may be destroyed.", () => {
  const plan = stackPlan([machinePlan(101, { action: "destroy", renumberedAs: 111 })]);
  const written = { destroy: { most: 5 } };
  expect(rulesAgainst(plan, written)).toEqual(["renumbered"]);
  expect(rulesAgainst(plan, written, attended)).toEqual([]);
  expect(rulesAgainst(plan, written, { ...unattended, allowances: { destroy: 1 } })).toEqual([]);
});

test("A machine that would only be forgotten because it was not shown is held like one that would be made again.", () => {
  expect(rulesAgainst(stackPlan([machinePlan(101, { action: "forget", isGone: true })]), {})).toEqual([
    "hidden",
  ]);
});

test("A machine that the token may only not see is not made again by itself.", () => {
  const plan = stackPlan([machinePlan(101, { action: "create", isGone: true })]);
  expect(rulesAgainst(plan, {})).toEqual(["hidden"]);
  expect(rulesAgainst(plan, {}, { ...unattended, allowances: { recreate: true } })).toEqual([]);
  expect(rulesAgainst(plan, {}, attended)).toEqual([]);
});

test("Power cycles are allowed, confirmed, or kept for a window.", () => {
  const window = { days: ["sun"], from: "02:00", to: "03:00" };
  const inWindow = { powerCycle: "window", maintenanceWindows: [window] };
  expect(rulesAgainst(cycled, {})).toEqual([]);
  expect(rulesAgainst(cycled, { powerCycle: "confirm" })).toEqual(["power-cycle"]);
  expect(rulesAgainst(cycled, { powerCycle: "confirm" }, attended)).toEqual([]);
  expect(rulesAgainst(cycled, inWindow)).toEqual([]);
  const monday = { ...attended, now: new Date("2026-11-23T02:30:00Z") };
  expect(rulesAgainst(cycled, inWindow, monday)).toEqual(["power-cycle"]);
  expect(rulesAgainst(cycled, inWindow, { ...monday, allowances: { powerCycle: true } })).toEqual([]);
});

test("Required tags are asked of machines that are made or changed, not of those that go.", () => {
  const policy = { requiredTags: ["owner"] };
  const tagged = machinePlan(101, { action: "create", tags: ["owner", "web"] });
  expect(rulesAgainst(stackPlan([tagged]), policy)).toEqual([]);
  expect(rulesAgainst(stackPlan([machinePlan(101, { action: "update", tags: ["web"] })]), policy)).toEqual([
    "required-tags",
  ]);
  expect(rulesAgainst(stackPlan(ending(101)), policy, attended)).toEqual([]);
});

const machines = fc.uniqueArray(
  fc.record({
    vmId: fc.integer({ min: 100, max: 130 }),
    action: fc.constantFrom("none", "create", "update", "replace", "destroy"),
    power: fc.constantFrom("none", "power cycle"),
    isGone: fc.boolean(),
    isProtected: fc.boolean(),
  } as const),
  { selector: ({ vmId }) => vmId },
);
const policies = fc.record(
  {
    destroy: fc.record({ most: fc.nat(5), mostPercent: fc.nat(100) }, { requiredKeys: [] }),
    powerCycle: fc.constantFrom("allow", "confirm", "window"),
    neverDestroyStacks: fc.constantFrom([], ["demo"]),
  },
  { requiredKeys: [] },
);

test("Somebody who looks never gets more objections than nobody, and an allowance never makes one.", () => {
  fc.assert(
    fc.property(machines, policies, fc.nat(5), (touched, written, destroy) => {
      const plan = stackPlan(touched.map(({ vmId, ...more }) => machinePlan(vmId, more)));
      const alone = rulesAgainst(plan, written);
      expect(alone).toEqual(expect.arrayContaining(rulesAgainst(plan, written, attended)));
      const all = { destroy: 1000, powerCycle: true, recreate: true };
      const allowed = rulesAgainst(plan, written, { ...unattended, allowances: all });
      expect(["never-destroy", "protected"]).toEqual(expect.arrayContaining(allowed));
      const ends = touched.filter(({ action }) => action === "destroy" || action === "replace").length;
      const bounded = rulesAgainst(plan, written, { ...unattended, allowances: { destroy } });
      expect(bounded.includes("destroy-limit")).toBe(ends > destroy);
    }),
  );
});

test("A machine whose making failed halfway may be made again by nobody's leave, but not if it is protected.", () => {
  const unfinished = { action: "replace", isUnfinished: true } as const;
  const strict = { destroy: { most: 0 }, neverDestroyStacks: ["demo"] };
  expect(rulesAgainst(stackPlan([machinePlan(101, unfinished)]), strict)).toEqual([]);
  expect(rulesAgainst(stackPlan([machinePlan(101, { ...unfinished, isProtected: true })]), {})).toEqual([
    "protected",
  ]);
  const gone = { action: "create", isGone: true } as const;
  expect(rulesAgainst(stackPlan([machinePlan(101, gone)]), {})).toEqual(["hidden"]);
  expect(rulesAgainst(stackPlan([machinePlan(101, { ...gone, isUnfinished: true })]), {})).toEqual([]);
});
