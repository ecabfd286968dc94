import { expect } from "vitest";
import type { Scheduler, SchedulerAction, SchedulerEvent } from "../../reconcile/watch/scheduler.ts";
import type { Outcome } from "../../reconcile/watch/stack-turn.ts";

/** A repository whose stacks are nothing but revision numbers, and a watcher that does what its scheduler says. */
export class WatchedModel {
  nowMs = 0;
  readonly edited = new Map<string, number>();
  readonly applied = new Map<string, number>();
  readonly #scheduler: Scheduler;
  readonly #most: number;
  readonly #broken = new Set<string>();
  readonly #suspended = new Set<string>();
  readonly #running = new Map<string, number>();
  /** Revisions as the last synthesis left them. */
  readonly #written = new Map<string, number>();
  /** Stacks whose last run failed for good, with the revision that it ran. */
  readonly #refused = new Map<string, number>();
  #synthesis: { readonly revisions: Map<string, number>; readonly broken: Set<string> } | undefined;

  constructor(scheduler: Scheduler, most: number) {
    this.#scheduler = scheduler;
    this.#most = most;
  }

  edit(stack: string): void {
    this.edited.set(stack, (this.edited.get(stack) ?? 0) + 1);
    this.tell({ type: "changed" });
  }

  break(stack: string): void {
    this.#broken.add(stack);
    this.edit(stack);
  }

  mend(stack: string): void {
    if (!this.#broken.delete(stack)) return;
    this.edit(stack);
  }

  suspend(stack: string, isSuspended: boolean): void {
    if (isSuspended) this.#suspended.add(stack);
    else this.#suspended.delete(stack);
    this.tell({ type: "suspended", stacks: new Set(this.#suspended) });
  }

  /** The synthesis sees what was there when it began. */
  endSynthesis(): void {
    if (this.#synthesis === undefined) return;
    const { revisions, broken } = this.#synthesis;
    const stacks = [...revisions].map(([name, revision]) => {
      if (!broken.has(name)) this.#written.set(name, revision);
      const written = this.#written.get(name) ?? 0;
      const isChanged = this.applied.get(name) !== written;
      return { name, digest: String(written), isChanged, isSound: !broken.has(name) };
    });
    this.#synthesis = undefined;
    this.tell({ type: "synthesised", stacks });
  }

  endRun(stack: string, outcome: Outcome): void {
    const revision = this.#running.get(stack);
    if (revision === undefined) return;
    this.#running.delete(stack);
    this.#refused.delete(stack);
    if (outcome === "done") this.applied.set(stack, revision);
    if (outcome === "terminal") this.#refused.set(stack, revision);
    this.tell({ type: "ended", stack, outcome });
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.tell({ type: "time" });
  }

  tell(event: SchedulerEvent): void {
    for (const action of this.#scheduler.take(event, this.nowMs)) this.#obey(action);
  }

  /** Mends and resumes everything and lets every run end well, until nothing is left to do. */
  settle(): void {
    for (const stack of this.edited.keys()) {
      this.mend(stack);
      this.suspend(stack, false);
    }
    for (let turn = 0; turn < 100; turn++) {
      this.endSynthesis();
      for (const stack of this.edited.keys()) this.endRun(stack, "done");
      const wakeMs = this.#scheduler.nextWakeMs();
      if (wakeMs === undefined && this.#synthesis === undefined && this.#running.size === 0) return;
      this.pass(Math.max(0, (wakeMs ?? this.nowMs) - this.nowMs));
    }
    throw new Error("The scheduler does not come to rest.");
  }

  /** What the last edit of each stack must have led to; a failure for good waits for the next edit. */
  expectAllApplied(): void {
    for (const [stack, revision] of this.edited) {
      if (this.#refused.get(stack) === revision) continue;
      expect(this.applied.get(stack), stack).toBe(revision);
    }
  }

  #obey(action: SchedulerAction): void {
    if (action.type === "synthesise") {
      expect(this.#synthesis, "two syntheses at once").toBeUndefined();
      this.#synthesis = { revisions: new Map(this.edited), broken: new Set(this.#broken) };
      return;
    }
    const { stack } = action;
    expect(this.#running.has(stack), `two runs of ${stack} at once`).toBe(false);
    expect(this.#suspended.has(stack), `${stack} is suspended`).toBe(false);
    this.#running.set(stack, this.#written.get(stack) ?? 0);
    expect(this.#running.size).toBeLessThanOrEqual(this.#most);
  }
}
