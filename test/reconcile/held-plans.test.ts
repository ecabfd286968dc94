import { expect, test } from "vitest";
import { holdPlan, listHeldPlans, releasePlan } from "../../reconcile/held-plans.ts";
import { temporaryRepository } from "../specs/temporary-repository.ts";

const held = { stack: "demo", digest: "0123456789abcdef", objections: [], summary: "1 to destroy" };

test.each([
  ["goes", [], "everything", [], false],
  ["stays", [], "one machine", [101], false],
  ["goes", [101], "everything", [], false],
  ["goes", [101], "more machines", [101, 102], false],
  ["stays", [101, 102], "fewer machines", [101], false],
  ["stays", [], "the end of everything", [], true],
])(
  "It %s, a plan held for %j, after one of %s that needs no approval.",
  async (fate, targets, _, released, isDestroy) => {
    const root = temporaryRepository({});
    await holdPlan(root, { ...held, targets, isDestroy: false }, new Date(0));
    await releasePlan(root, { stack: "demo", targets: released, isDestroy });
    expect(await listHeldPlans(root)).toHaveLength(fate === "goes" ? 0 : 1);
  },
);
