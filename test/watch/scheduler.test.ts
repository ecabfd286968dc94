import { expect, test } from "vitest";
import { everyStack } from "../../reconcile/watch/area.ts";
import {
  createScheduler,
  type Scheduler,
  type SchedulerAction,
  type SchedulerEvent,
  type SchedulerSettings,
} from "../../reconcile/watch/scheduler.ts";
import type { Outcome } from "../../reconcile/watch/stack-turn.ts";

const settings: SchedulerSettings = {
  quietMs: 300,
  longestWaitMs: 2000,
  stacksAtOnce: 2,
  retryMs: 1000,
  longestRetryMs: 8000,
  driftEveryMs: 0,
};

const half = () => 0.5;

const open = (more: Partial<SchedulerSettings> = {}): Scheduler =>
  createScheduler(() => ({ ...settings, ...more }), half);

const dirty = (...names: string[]): SchedulerEvent => ({
  type: "synthesised",
  stacks: names.map((name) => ({ name, digest: "1", isChanged: true, isSound: true })),
});

const synthesised = (digest: string, more: object = {}): SchedulerEvent => ({
  type: "synthesised",
  stacks: [{ name: "a", digest, isChanged: true, isSound: true, ...more }],
});

const ended = (outcome: Outcome, stack = "a"): SchedulerEvent => ({ type: "ended", stack, outcome });
const time: SchedulerEvent = { type: "time" };
const changed = (area = "a"): SchedulerEvent => ({ type: "changed", area });
const synthesis = (areas: readonly string[], moving: readonly string[] = []) => ({
  type: "synthesise",
  changed: areas,
  moving,
});
const runs = (actions: SchedulerAction[]) =>
  actions.flatMap((each) => (each.type === "run" ? [each.stack] : []));

test("a burst is taken up once it is quiet, and once only", () => {
  const scheduler = open();
  for (const nowMs of [0, 100, 200]) expect(scheduler.take(changed(), nowMs)).toEqual([]);
  expect(scheduler.nextWakeMs()).toBe(500);
  expect(scheduler.take(time, 499)).toEqual([]);
  expect(scheduler.take(time, 500)).toEqual([synthesis(["a"])]);
  expect(scheduler.take(time, 900)).toEqual([]);
});

test("changes that never stop are taken up after the longest wait", () => {
  const scheduler = open();
  for (let nowMs = 0; nowMs < 2000; nowMs += 100) expect(scheduler.take(changed(), nowMs)).toEqual([]);
  expect(scheduler.take(changed(), 2000)).toEqual([synthesis(["a"])]);
});

test("a change during a synthesis leads to exactly one more", () => {
  const scheduler = open();
  scheduler.take(changed(), 0);
  scheduler.take(time, 300);
  scheduler.take(changed(), 400);
  expect(scheduler.take(time, 5000)).toEqual([]);
  expect(scheduler.take(synthesised("1", { isChanged: false }), 6000)).toEqual([synthesis(["a"])]);
  expect(scheduler.take(synthesised("1", { isChanged: false }), 7000)).toEqual([]);
  expect(scheduler.nextWakeMs()).toBeUndefined();
});

test("a stack whose files go on changing holds back a quiet one no longer than twice its quiet, and is left out", () => {
  const scheduler = open();
  scheduler.take(changed("quiet"), 0);
  for (let nowMs = 0; nowMs < 600; nowMs += 100) expect(scheduler.take(changed("busy"), nowMs)).toEqual([]);
  expect(scheduler.nextWakeMs()).toBe(600);
  expect(scheduler.take(time, 600)).toEqual([synthesis(["quiet"], ["busy"])]);
  scheduler.take(dirty("quiet", "busy"), 700);
  expect(scheduler.take(time, 799)).toEqual([]);
  expect(scheduler.take(time, 800)).toEqual([synthesis(["busy"])]);
});

test("stacks that become quiet one soon after the other share a synthesis", () => {
  const scheduler = open();
  scheduler.take(changed("a"), 0);
  scheduler.take(changed("b"), 250);
  expect(scheduler.take(time, 549)).toEqual([]);
  expect(scheduler.take(time, 550)).toEqual([synthesis(["a", "b"])]);
});

test("nothing is taken up while files change that concern every stack", () => {
  const scheduler = open({ driftEveryMs: 900 });
  scheduler.take(synthesised("1", { isChanged: false }), 0);
  scheduler.take(changed("a"), 100);
  for (let nowMs = 200; nowMs <= 1000; nowMs += 100)
    expect(scheduler.take(changed(everyStack), nowMs).filter(({ type }) => type === "synthesise")).toEqual(
      [],
    );
  expect(scheduler.take(time, 1300)).toContainEqual(synthesis([]));
});

test("what a synthesis says of a stack that it left out does not count", () => {
  const scheduler = open();
  expect(runs(scheduler.take(synthesised("1", { isSound: false }), 0))).toEqual([]);
  scheduler.take(changed("b"), 0);
  for (const nowMs of [0, 200, 400]) scheduler.take(changed("a"), nowMs);
  expect(scheduler.take(time, 600)).toEqual([synthesis(["b"], ["a"])]);
  expect(runs(scheduler.take(dirty("a", "b"), 650))).toEqual(["b"]);
  expect(scheduler.take(time, 700)).toEqual([synthesis(["a"])]);
  expect(runs(scheduler.take(dirty("a", "b"), 750))).toEqual(["a"]);
});

test("a stack that is left out is not forgotten", () => {
  const scheduler = open();
  scheduler.take(synthesised("1"), 0);
  scheduler.take(ended("terminal"), 10);
  scheduler.take(changed("b"), 0);
  for (const nowMs of [0, 200, 400]) scheduler.take(changed("a"), nowMs);
  scheduler.take(time, 600);
  scheduler.take(dirty("b"), 650);
  expect(runs(scheduler.take({ type: "asked", stack: "a" }, 660))).toEqual(["a"]);
});

test("a synthesis that was not needed puts off no other one", () => {
  const scheduler = open({ driftEveryMs: 10_000 });
  scheduler.take(synthesised("1", { isChanged: false }), 0);
  scheduler.take({ type: "suspended", stacks: new Set(["a"]) }, 0);
  scheduler.take(changed("a"), 9000);
  expect(scheduler.take(time, 9300)).toEqual([synthesis(["a"])]);
  scheduler.take({ type: "unchanged" }, 9310);
  expect(scheduler.nextWakeMs()).toBe(10_000);
  expect(scheduler.take(time, 10_000)).toEqual([synthesis([])]);
});

test("several stacks run at once, as many as may, the others in the order in which they changed", () => {
  const scheduler = open();
  expect(runs(scheduler.take(dirty("a", "b", "c", "d"), 0))).toEqual(["a", "b"]);
  expect(scheduler.nextWakeMs()).toBeUndefined();
  expect(runs(scheduler.take(ended("done", "b"), 10))).toEqual(["c"]);
  expect(runs(scheduler.take(ended("done", "a"), 20))).toEqual(["d"]);
});

test("a change during a run queues one more run of that stack", () => {
  const scheduler = open();
  expect(runs(scheduler.take(synthesised("1"), 0))).toEqual(["a"]);
  expect(scheduler.take(synthesised("2"), 10)).toEqual([]);
  expect(scheduler.take(synthesised("3"), 20)).toEqual([]);
  expect(runs(scheduler.take(ended("done"), 30))).toEqual(["a"]);
  expect(scheduler.take(ended("done"), 40)).toEqual([]);
});

test("what is being applied already is not queued again", () => {
  const scheduler = open();
  scheduler.take(synthesised("1"), 0);
  expect(scheduler.take(synthesised("1"), 10)).toEqual([]);
  expect(scheduler.take(ended("done"), 20)).toEqual([]);
});

test("a failure that may go away is repeated after a growing, bounded, random wait", () => {
  const scheduler = open();
  scheduler.take(synthesised("1"), 0);
  const waits = [500, 1000, 2000, 4000, 4000, 4000];
  let nowMs = 0;
  for (const waitMs of waits) {
    expect(scheduler.take(ended("retry"), nowMs)).toEqual([]);
    expect(scheduler.nextWakeMs()).toBe(nowMs + waitMs);
    nowMs += waitMs;
    expect(runs(scheduler.take(time, nowMs))).toEqual(["a"]);
  }
});

test("a change makes a waiting failure run at once, and its waits small again", () => {
  const scheduler = open();
  scheduler.take(synthesised("1"), 0);
  scheduler.take(ended("retry"), 0);
  scheduler.take(time, 500);
  scheduler.take(ended("retry"), 500);
  expect(runs(scheduler.take(synthesised("2"), 600))).toEqual(["a"]);
  scheduler.take(ended("retry"), 700);
  expect(scheduler.nextWakeMs()).toBe(1200);
});

test("a terminal failure waits for the next change of its own stack", () => {
  const scheduler = open();
  scheduler.take(synthesised("1"), 0);
  expect(scheduler.take(ended("terminal"), 10)).toEqual([]);
  expect(scheduler.nextWakeMs()).toBeUndefined();
  expect(scheduler.take(synthesised("1"), 20)).toEqual([]);
  expect(runs(scheduler.take(synthesised("2"), 30))).toEqual(["a"]);
});

test("a terminal failure that was overtaken by a change is followed by a run at once", () => {
  const scheduler = open();
  scheduler.take(synthesised("1"), 0);
  scheduler.take(synthesised("2"), 10);
  expect(runs(scheduler.take(ended("terminal"), 20))).toEqual(["a"]);
});

test("a stack that somebody approved by other ways is tried again", () => {
  const scheduler = open();
  scheduler.take(synthesised("1"), 0);
  scheduler.take(ended("terminal"), 10);
  expect(runs(scheduler.take({ type: "asked", stack: "a" }, 20))).toEqual(["a"]);
});

test("a stack without changes that somebody dealt with is looked at as a whole", () => {
  const scheduler = open({ driftEveryMs: 10_000 });
  scheduler.take(synthesised("1", { isChanged: false }), 0);
  const look = { type: "run", stack: "a", kind: "drift" };
  expect(scheduler.take(time, 5000)).toEqual([look]);
  expect(scheduler.take(ended("terminal"), 5100)).toEqual([]);
  expect(scheduler.take({ type: "asked", stack: "a" }, 5200)).toEqual([look]);
});

test("bad specs stop their own stack only, until they are mended", () => {
  const scheduler = open();
  const stacks = [
    { name: "a", digest: "1", isChanged: true, isSound: false },
    { name: "b", digest: "1", isChanged: true, isSound: true },
  ];
  expect(runs(scheduler.take({ type: "synthesised", stacks }, 0))).toEqual(["b"]);
  expect(runs(scheduler.take(dirty("a", "b"), 10))).toEqual(["a"]);
});

test("a suspended stack keeps its changes until it is resumed", () => {
  const scheduler = open();
  scheduler.take({ type: "suspended", stacks: new Set(["a"]) }, 0);
  expect(runs(scheduler.take(dirty("a", "b"), 10))).toEqual(["b"]);
  expect(scheduler.nextWakeMs()).toBeUndefined();
  expect(runs(scheduler.take({ type: "suspended", stacks: new Set() }, 20))).toEqual(["a"]);
});

test("whole stacks are looked at on schedule, spread at first, and failures for good are tried again then", () => {
  const scheduler = open({ driftEveryMs: 10_000 });
  scheduler.take(synthesised("1", { isChanged: false }), 0);
  expect(scheduler.nextWakeMs()).toBe(5000);
  expect(scheduler.take(time, 5000)).toEqual([{ type: "run", stack: "a", kind: "drift" }]);
  expect(scheduler.take(ended("done"), 6000)).toEqual([]);
  expect(scheduler.take(synthesised("2"), 7000)).toEqual([{ type: "run", stack: "a", kind: "change" }]);
  scheduler.take(ended("terminal"), 8000);
  expect(scheduler.take(time, 14_999)).toEqual([]);
  expect(scheduler.take(time, 15_000)).toEqual([{ type: "run", stack: "a", kind: "change" }]);
});

test("a synthesis that fails is repeated with growing waits, or waits for a change", () => {
  const scheduler = open();
  scheduler.take(changed(), 0);
  scheduler.take(time, 300);
  expect(scheduler.take({ type: "synthesis-failed", outcome: "retry" }, 400)).toEqual([]);
  expect(scheduler.nextWakeMs()).toBe(900);
  expect(scheduler.take(time, 900)).toEqual([synthesis([])]);
  scheduler.take({ type: "synthesis-failed", outcome: "terminal" }, 1000);
  expect(scheduler.nextWakeMs()).toBeUndefined();
});

test("while no configuration can be made, no stack is touched; afterwards every failure is tried again", () => {
  const scheduler = open({ driftEveryMs: 10_000 });
  scheduler.take(synthesised("1"), 0);
  scheduler.take(ended("terminal"), 10);
  scheduler.take(changed(), 20);
  scheduler.take(time, 320);
  scheduler.take({ type: "synthesis-failed", outcome: "terminal" }, 400);
  expect(runs(scheduler.take(time, 9000))).toEqual([]);
  expect(runs(scheduler.take(synthesised("1"), 9100))).toEqual(["a"]);
});

test("after a stop nothing begins", () => {
  const scheduler = open();
  scheduler.take(synthesised("1"), 0);
  expect(scheduler.take({ type: "stop" }, 0)).toEqual([]);
  expect(scheduler.take(synthesised("2"), 10)).toEqual([]);
  expect(scheduler.take(ended("retry"), 20)).toEqual([]);
  expect(scheduler.nextWakeMs()).toBeUndefined();
});
