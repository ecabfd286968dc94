import fc from "fast-check";
import { expect, test } from "vitest";
import { type PlanReport, planMarkdown } from "../../cli/render/plan-markdown.ts";
import { machinePlan, stackPlan } from "../terraform/plans.ts";
import { stepPlan } from "./step-plans.ts";

const nothing: PlanReport = {
  plans: [],
  objections: [],
  observed: [],
  strangers: [],
  steps: [],
  warnings: [],
  errors: [],
};

test("A comment has a summary line, one table, the objections, and the rest folded.", async () => {
  const machines = [
    machinePlan(101, { action: "create", nixos: "first" }),
    machinePlan(102, {
      action: "update",
      changedAttributes: ["memory[0].dedicated"],
      power: "power cycle",
      powerBecauseOf: ["memory[0].dedicated"],
    }),
    machinePlan(103, { action: "destroy" }),
    machinePlan(104, { nixos: "changed" }),
    machinePlan(105, { action: "create", isGone: true }),
  ];
  const others = [{ address: "terraform_data.x", action: "update", changedAttributes: ["input"] }] as const;
  const text = planMarkdown({
    plans: [stackPlan(machines, { others }), stackPlan([], { stack: "quiet", hasChanges: false })],
    objections: [
      {
        event: "objections",
        stack: "demo",
        objections: [
          { rule: "destroy-limit", message: "1 machine would be destroyed: web-103 (103).", isFinal: false },
        ],
      },
    ],
    observed: [
      {
        event: "observed",
        stack: "demo",
        machines: [{ vmId: 102, name: "web-102", node: "pve1", remarks: ["memory waits for a reboot"] }],
      },
    ],
    strangers: [
      { vmId: 150, name: "lost", node: "pve2", kind: "qemu", isTemplate: false, tags: ["nixherd"] },
    ],
    steps: [{ event: "steps", stack: "demo", machines: [stepPlan()] }],
    warnings: [
      {
        stack: "demo",
        file: "vm-specs/demo/web-104.json",
        pointer: "/memory",
        severity: "warning",
        message: "ballooning <is> off",
      },
    ],
    errors: [
      {
        event: "error",
        stack: "bad",
        code: "WRONG_TOKEN",
        message: "The token was refused.\nmore",
        hint: "Set it.",
      },
    ],
  });
  await expect(text).toMatchFileSnapshot("golden/plan.md");
});

test("Without changes it is one line.", () => {
  expect(planMarkdown({ ...nothing, plans: [stackPlan([], { hasChanges: false })] })).toBe(
    "### nixherd plan: no changes\n",
  );
});

test("A plan of thousands of machines stays below the limit of a comment and says what is missing.", () => {
  const machines = Array.from({ length: 3000 }, (_, index) =>
    machinePlan(1000 + index, { action: "create" }),
  );
  const text = planMarkdown({ ...nothing, plans: [stackPlan(machines)] });
  expect(text.length).toBeLessThanOrEqual(60_000);
  const shown = text.split("\n").filter((line) => line.startsWith("| demo |")).length;
  expect(text).toContain(`${3000 - shown} more rows do not fit`);
});

test("No name ends a cell, begins a tag or mentions somebody, and no comment is too long.", () => {
  const text = fc.string({ maxLength: 60, unit: "grapheme" });
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 5 }), (name, remarks) => {
      const comment = planMarkdown({
        ...nothing,
        plans: [stackPlan([machinePlan(101, { name, action: "create" })])],
        observed: [
          { event: "observed", stack: "demo", machines: [{ vmId: 101, name, node: "pve1", remarks }] },
        ],
      });
      expect(comment.length).toBeLessThanOrEqual(60_000);
      const rows = comment.split("\n").filter((line) => line.startsWith("| demo |"));
      expect(rows).toHaveLength(1);
      expect(rows[0]?.match(/(?<!\\)\|/g)).toHaveLength(5);
      expect(comment).not.toMatch(/<(?!\/?(details|summary)>)|@(?!\u200b)/);
    }),
  );
});
