import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { ConditionType, WatchStatus } from "../../../reconcile/watch/conditions.ts";
import type { Outcome, RunKind } from "../../../reconcile/watch/stack-turn.ts";

/** What the watcher counts. */
export interface WatchMetrics {
  synthesised(durationMs: number, isGood: boolean): void;
  ran(stack: string, kind: RunKind, outcome: Outcome, durationMs: number): void;
  /** The text of /metrics, with the conditions as they are now. */
  text(status: WatchStatus): Promise<string>;
  readonly contentType: string;
}

const conditionTypes: readonly ConditionType[] = ["Ready", "Reconciling", "Stalled"];

const secondsBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

/** Counters that begin at nothing. */
export function createWatchMetrics(): WatchMetrics {
  const registers = [new Registry()];
  const [registry = new Registry()] = registers;
  collectDefaultMetrics({ register: registry });
  const syntheses = new Histogram({
    name: "nixherd_watch_synthesis_seconds",
    help: "Time that the synthesis took, by result: good, failed.",
    labelNames: ["result"],
    buckets: secondsBuckets,
    registers,
  });
  const runs = new Histogram({
    name: "nixherd_watch_run_seconds",
    help: "Time that runs of a stack took, by kind (change, drift) and outcome (done, retry, terminal).",
    labelNames: ["stack", "kind", "outcome"],
    buckets: secondsBuckets,
    registers,
  });
  const failures = new Counter({
    name: "nixherd_watch_failures_total",
    help: "Runs of a stack that failed.",
    labelNames: ["stack", "outcome"],
    registers,
  });
  const conditions = new Gauge({
    name: "nixherd_watch_stack_condition",
    help: "1 for the condition that a stack is in, 0 for the others.",
    labelNames: ["stack", "type"],
    registers,
  });
  const suspended = new Gauge({
    name: "nixherd_watch_stack_suspended",
    help: "1 while a stack is suspended.",
    labelNames: ["stack"],
    registers,
  });
  const ready = new Gauge({
    name: "nixherd_watch_stack_last_ready_timestamp_seconds",
    help: "When a stack was as its specs say last, in seconds since 1970.",
    labelNames: ["stack"],
    registers,
  });

  function takeConditions({ stacks }: WatchStatus): void {
    // Stacks that went must not stay as they were last.
    for (const gauge of [conditions, suspended, ready]) gauge.reset();
    for (const { stack, type, isSuspended, lastReadyAt } of stacks) {
      for (const each of conditionTypes) conditions.set({ stack, type: each }, each === type ? 1 : 0);
      suspended.set({ stack }, isSuspended ? 1 : 0);
      if (lastReadyAt !== null) ready.set({ stack }, Date.parse(lastReadyAt) / 1000);
    }
  }

  return {
    synthesised: (durationMs, isGood) =>
      syntheses.observe({ result: isGood ? "good" : "failed" }, durationMs / 1000),
    ran(stack, kind, outcome, durationMs) {
      runs.observe({ stack, kind, outcome }, durationMs / 1000);
      if (outcome !== "done") failures.inc({ stack, outcome });
    },
    text(status) {
      takeConditions(status);
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
