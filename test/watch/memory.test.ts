import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createStatusBoard } from "../../cli/pipeline/watch/status-board.ts";
import { createScheduler } from "../../reconcile/watch/scheduler.ts";

const settings = {
  quietMs: 300,
  longestWaitMs: 2000,
  stacksAtOnce: 4,
  retryMs: 1000,
  longestRetryMs: 8000,
  driftEveryMs: 3000,
};

function heapUsedBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

test("stacks that come, change, fail and go for thousands of cycles leave nothing behind", () => {
  const scheduler = createScheduler(
    () => settings,
    () => 0.5,
  );
  const board = createStatusBoard({ pid: 1, startedAt: "" }, () => undefined);
  let nowMs = 0;
  let runs = 0;
  const cycle = (count: number): void => {
    const names = Array.from({ length: 20 }, (_, index) => `stack-${count + index}`);
    let actions = scheduler.take({ type: "changed", area: `stack-${count}` }, nowMs);
    nowMs += settings.quietMs;
    actions.push(...scheduler.take({ type: "time" }, nowMs));
    board.know(new Map(names.map((name) => [name, [{ vmId: count, name }]])), String(count));
    const stacks = names.map((name) => ({ name, digest: String(count), isChanged: true, isSound: true }));
    actions.push(...scheduler.take({ type: "synthesised", stacks }, nowMs));
    while (actions.length > 0) {
      actions = actions.flatMap((action) => {
        if (action.type !== "run") return [];
        runs++;
        board.set(action.stack, { type: "Reconciling", reason: "Planning", message: "" });
        const outcome = runs % 3 === 0 ? "retry" : runs % 5 === 0 ? "terminal" : "done";
        return scheduler.take({ type: "ended", stack: action.stack, outcome }, nowMs);
      });
    }
  };
  const cycles = 3000;
  for (let count = 0; count < cycles; count++) cycle(count);
  const before = heapUsedBytes();
  for (let count = 0; count < cycles; count++) cycle(cycles + count);
  expect(runs).toBeGreaterThan(cycles * 20);
  expect(heapUsedBytes() - before).toBeLessThan(200_000);
});
