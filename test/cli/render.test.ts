import { expect, test } from "vitest";
import type { PipelineEvent } from "../../cli/pipeline/events.ts";
import { readHookPhase } from "../../cli/pipeline/hook-phases.ts";
import { formatDuration } from "../../cli/render/format-duration.ts";
import { formatError } from "../../cli/render/format-error.ts";
import { formatEvent } from "../../cli/render/format-event.ts";
import { formatPlan } from "../../cli/render/format-plan.ts";
import { listItems } from "../../cli/render/list-item.ts";
import type { StackPlan } from "../../terraform/stack-plan.ts";
import { machinePlan as machine, stackPlan } from "../terraform/plans.ts";

const plain = (_: unknown, text: string) => text;

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1000, "1.0 s"],
  [4299, "4.2 s"],
  [59_999, "59.9 s"],
  [60_000, "1 min 0 s"],
  [185_000, "3 min 5 s"],
  [7_380_000, "2 h 3 min"],
])("%d ms is shown as %s.", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test("A plan shows one line per machine: what, why, and whether the NixOS step runs.", () => {
  const many = Array.from({ length: 14 }, (_, index) => `disk[${index}].size`);
  const plan = stackPlan(
    [
      machine(101, { action: "create", nixos: "first" }),
      machine(102, {
        action: "update",
        changedAttributes: ["memory[0].dedicated", "name"],
        power: "power cycle",
        powerBecauseOf: ["memory[0].dedicated"],
        nixos: "changed",
      }),
      machine(103, { action: "update", unknownAttributes: ["ipv4_addresses"] }),
      machine(104, { action: "replace", replacedBecauseOf: ["clone[0].vm_id"], nixos: "changed" }),
      machine(105, { action: "replace", reason: "replace_because_tainted" }),
      machine(106, { action: "destroy" }),
      machine(107, { nixos: "repeated" }),
      machine(108, { action: "update", changedAttributes: many }),
      machine(109, { action: "create", isGone: true }),
    ],
    {
      others: [{ address: "terraform_data.x", action: "update", changedAttributes: ["input"] }],
      outputs: ["machines"],
    },
  );
  expect(formatPlan(plan, 1234, plain).split("\n")).toEqual([
    "demo: 2 to create, 4 to update, 2 to replace, 1 to destroy, 1 power cycle, 4 NixOS steps (planned in 1.2 s)",
    "  +   web-101 (101) on pve1: create, then NixOS step",
    "  ~   web-102 (102) on pve1: update memory[0].dedicated, name (power cycle for memory[0].dedicated), then NixOS step (something in it changed)",
    "  ~   web-103 (103) on pve1: update ipv4_addresses (live)",
    "  -/+ web-104 (104) on pve1: replace because of clone[0].vm_id, then NixOS step (something in it changed)",
    "  -/+ web-105 (105) on pve1: replace because making it failed the last time",
    "  -   web-106 (106) on pve1: destroy",
    "  >   web-107 (107) on pve1: NixOS step again (it failed the last time)",
    `  ~   web-108 (108) on pve1: update ${many.slice(0, 12).join(", ")} and 2 more (live)`,
    "  +   web-109 (109) on pve1: create",
    "      in the state, but the cluster does not show it: deleted outside, or hidden from this token",
    "  ~   terraform_data.x: update input",
    "  outputs that change: machines",
  ]);
});

test("A plan without changes and one of outputs only say so.", () => {
  expect(formatPlan(stackPlan([], { hasChanges: false }), 5, plain)).toBe(
    "demo: no changes (planned in 5 ms)",
  );
  expect(formatPlan(stackPlan([], { outputs: ["x"] }), 5, plain)).toContain("demo: only outputs");
});

test("An error shows its code, its stack, Terraform's words indented, and what to do last.", () => {
  const error = {
    code: "VMID_TAKEN",
    message: "VMID 101 is taken.\nVM clone: already exists",
    hint: "Choose another.",
  } as const;
  expect(formatError({ ...error, stack: "demo" })).toBe(
    "error VMID_TAKEN: demo: VMID 101 is taken.\n  VM clone: already exists\n  -> Choose another.",
  );
  expect(formatError({ ...error, message: "It failed." })).toBe(
    "error VMID_TAKEN: It failed.\n  -> Choose another.",
  );
});

const web = { stack: "demo", vmId: 101, name: "web-1" };

test("The end of an old NixOS step, and phases that only begin or are skipped, are not shown as lines.", () => {
  const silent: PipelineEvent[] = [
    { event: "machine", ...web, part: "nixos", state: "complete", action: "delete", durationMs: 5 },
    { event: "phase", ...web, phase: "ssh", state: "start", durationMs: 0 },
    { event: "phase", ...web, phase: "copy", state: "skip", durationMs: 0 },
  ];
  for (const event of silent) expect(formatEvent(event, plain)).toBeUndefined();
  const failed = { event: "phase", ...web, phase: "build", state: "fail", durationMs: 1500 } as const;
  expect(formatEvent(failed, plain)).toBe("demo  web-1 (101)  build failed after 1.5 s");
});

test.each([
  ["phase=host-key state=ok ms=127", { phase: "host-key", state: "ok", durationMs: 127 }],
  ["  phase=ssh state=fail ms=0\r", { phase: "ssh", state: "fail", durationMs: 0 }],
  ["phase=ssh state=done ms=1", undefined],
  ["phase=ssh state=ok", undefined],
  ["building phase=ssh state=ok ms=1", undefined],
])("The line %j is read as a phase only in the hook's own form.", (line, phase) => {
  expect(readHookPhase(line)).toEqual(phase);
});

/** The only item of a plan, after these events. */
async function itemAfter(plan: StackPlan, events: readonly PipelineEvent[]) {
  const [item] = listItems(plan).items;
  if (item === undefined) throw new Error("the plan has an item");
  for (const event of events) item.read(event);
  item.close();
  return item.ended;
}

function step(
  part: "machine" | "nixos",
  action: string,
  state: "running" | "complete" | "failed",
): PipelineEvent {
  return { event: "machine", ...web, part, action, state, durationMs: 1000 };
}

test("A machine of the list is done when its machine and its NixOS step are.", async () => {
  const plan = stackPlan([machine(101, { name: "web-1", action: "create", nixos: "first" })]);
  const made = [step("machine", "create", "running"), step("machine", "create", "complete")];
  expect(await itemAfter(plan, made)).toMatchObject({ state: "unfinished" });
  const stepped = [...made, step("nixos", "create", "running"), step("nixos", "create", "complete")];
  expect(await itemAfter(plan, stepped)).toEqual({ state: "complete", title: "demo  web-1 (101)  2.0 s" });
  expect(await itemAfter(plan, [...made, step("nixos", "create", "failed")])).toMatchObject({
    state: "failed",
  });
});

test("A replaced machine of the list is done when its successor is made, not when the old one is gone.", async () => {
  const plan = stackPlan([machine(101, { name: "web-1", action: "replace" })]);
  const gone = [step("machine", "delete", "running"), step("machine", "delete", "complete")];
  expect(await itemAfter(plan, gone)).toMatchObject({ state: "unfinished" });
  expect(await itemAfter(plan, [...gone, step("machine", "create", "complete")])).toMatchObject({
    state: "complete",
  });
});

test("The durations of a machine and of its NixOS step add up, those of one replacement do not.", async () => {
  const plan = stackPlan([machine(101, { name: "web-1", action: "replace", nixos: "changed" })]);
  const events = [
    { ...step("machine", "delete", "complete"), durationMs: 1000 },
    { ...step("machine", "create", "complete"), durationMs: 4000 },
    { ...step("nixos", "create", "complete"), durationMs: 3000 },
  ] as PipelineEvent[];
  expect(await itemAfter(plan, events)).toEqual({ state: "complete", title: "demo  web-1 (101)  7.0 s" });
});

test("A machine of the list that nothing happened to has not begun; events of others do not touch it.", async () => {
  const plan = stackPlan([machine(101, { name: "web-1", action: "destroy" })]);
  const foreign = [
    { ...step("machine", "delete", "complete"), vmId: 102 },
    { ...step("machine", "delete", "complete"), stack: "prod" },
  ] as PipelineEvent[];
  expect(await itemAfter(plan, foreign)).toEqual({ state: "not begun", title: "demo  web-1 (101)" });
});
