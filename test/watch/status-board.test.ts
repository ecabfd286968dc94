import { beforeEach, expect, test } from "vitest";
import { createStatusBoard, type StatusBoard } from "../../cli/pipeline/watch/status-board.ts";
import { formatWatchEvent } from "../../cli/render/watch/format-watch-event.ts";
import type { StackStatus } from "../../reconcile/watch/conditions.ts";
import type { MachinePlan, StackPlan } from "../../terraform/stack-plan.ts";
import { machinePlan, stackPlan } from "../terraform/plans.ts";

let board: StatusBoard;
let changed: StackStatus[];

const ready = { type: "Ready", reason: "Applied", message: "As the specs say." } as const;
const failed = { type: "Reconciling", reason: "HOOK_FAILED", message: "It failed." } as const;

const machine = (vmId: number, more: Partial<MachinePlan> = {}): MachinePlan =>
  machinePlan(vmId, { action: "create", nixos: "first", ...more });

const planOf = (...machines: MachinePlan[]): StackPlan => stackPlan(machines, { machineCount: 3 });

function finish(vmId: number, part: "machine" | "nixos", state: "complete" | "failed"): void {
  const event = { event: "machine", stack: "demo", vmId, name: "", part, state, action: "create" } as const;
  board.takeEvent("demo", { ...event, durationMs: 1 });
}

const types = () =>
  Object.fromEntries((board.stackOf("demo")?.machines ?? []).map((each) => [each.vmId, each.type]));

beforeEach(() => {
  changed = [];
  board = createStatusBoard({ pid: 1, startedAt: "2026-01-01T00:00:00.000Z" }, (status) => {
    if (status !== undefined) changed.push(status);
  });
  const machines = [101, 102, 103].map((vmId) => ({ vmId, name: `web-${vmId}` }));
  board.know(new Map([["demo", machines]]), "c0ffee");
  board.set("demo", ready);
});

test("a run tells its machines apart: done, being worked on, not touched", () => {
  board.begin("demo");
  board.takeEvent("demo", {
    event: "plan",
    stack: "demo",
    durationMs: 1,
    plan: planOf(machine(101), machine(102)),
  });
  expect(types()).toEqual({ 101: "Reconciling", 102: "Reconciling", 103: "Ready" });
  finish(101, "machine", "complete");
  expect(types()[101]).toBe("Reconciling");
  finish(101, "nixos", "complete");
  expect(types()[101]).toBe("Ready");
  finish(102, "nixos", "failed");
  board.end("demo", failed);
  expect(types()).toEqual({ 101: "Ready", 102: "Reconciling", 103: "Ready" });
  expect(board.stackOf("demo")?.machines[1]).toMatchObject({ reason: "HOOK_FAILED", message: "It failed." });
  board.begin("demo");
  board.end("demo", ready);
  expect(types()).toEqual({ 101: "Ready", 102: "Ready", 103: "Ready" });
});

test("a condition keeps its time as long as type and reason stay, and only its changes are told", () => {
  board.set("demo", failed);
  const since = board.stackOf("demo")?.since;
  board.set("demo", { ...failed, message: "It failed again." });
  expect(board.stackOf("demo")).toMatchObject({ since, message: "It failed again.", revision: "c0ffee" });
  expect(changed.map(({ reason }) => reason)).toEqual(["Applied", "HOOK_FAILED"]);
});

test("stacks and machines that went are forgotten, what stays keeps its condition", () => {
  board.know(new Map([["demo", [{ vmId: 103, name: "renamed" }]]]), "cafe");
  expect(board.stackOf("demo")?.machines).toEqual([
    expect.objectContaining({ name: "renamed", type: "Ready" }),
  ]);
  board.know(new Map(), "cafe");
  expect(board.status()).toMatchObject({ revision: "cafe", stacks: [] });
});

test("status shows stacks, machines, and why something is not ready", () => {
  board.set("demo", { type: "Stalled", reason: "PLAN_HELD", message: "The plan is held:\nTwo would go." });
  board.suspend(new Set(["demo"]));
  const event = { event: "watch-status", isRunning: true, status: board.status() } as const;
  const lines = formatWatchEvent(event, (_, text) => text).split("\n");
  expect(lines[0]).toBe("watcher 1, since 2026-01-01 00:00:00 UTC, at c0ffee");
  expect(lines[2]).toMatch(/^demo +Stalled +PLAN_HELD +\S+ \S+ UTC +c0ffee +suspended$/);
  expect(lines[3]).toMatch(/^ {2}web-101 \(101\) +Stalled/);
  expect(lines.slice(-2)).toEqual(["demo: The plan is held:", "  Two would go."]);
  expect(formatWatchEvent({ ...event, isRunning: false }, (_, text) => text)).toContain("no watcher runs");
});
