import { expect, test } from "vitest";
import { holdPlan, listHeldPlans, releasePlan } from "../../reconcile/held-plans.ts";
import { temporaryRepository } from "../specs/temporary-repository.ts";

const held = { stack: "demo", digest: "0123456789abcdef", objections: [], summary: "1 to destroy" };

test.each([
  { held: [], released: [], isDestroy: false, isGone: true },
  { held: [], released: [101], isDestroy: false, isGone: false },
  { held: [101], released: [], isDestroy: false, isGone: true },
  { held: [101], released: [101, 102], isDestroy: false, isGone: true },
  { held: [101, 102], released: [101], isDestroy: false, isGone: false },
  { held: [], released: [], isDestroy: true, isGone: false },
])(
  "A plan held for $held is gone after one of $released (on purpose to destroy: $isDestroy): $isGone.",
  async ({ held: targets, released, isDestroy, isGone }) => {
    const root = temporaryRepository({});
    await holdPlan(root, { ...held, targets, isDestroy: false }, new Date(0));
    await releasePlan(root, { stack: "demo", targets: released, isDestroy });
    expect(await listHeldPlans(root)).toHaveLength(isGone ? 0 : 1);
  },
);
