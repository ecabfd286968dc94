import { expect } from "vitest";
import { type Area, everyStack } from "../../reconcile/watch/area.ts";
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
  /** Revisions as the last synthesis read them, without those that it left out; nothing if it found a broken one. */
  #read = new Map<string, number>();
  #synthesis:
    | { readonly revisions: Map<string, number>; readonly broken: Set<string>; readonly isNeeded: boolean }
    | undefined;

  constructor(scheduler: Scheduler, most: number) {
    this.#scheduler = scheduler;
    this.#most = most;
  }

  edit(stack: string): void {
    this.edited.set(stack, (this.edited.get(stack) ?? 0) + 1);
    this.touch(stack);
  }

  /** Saves a stack as it is. */
  touch(stack: Area): void {
    this.tell({ type: "changed", area: stack });
  }

  /** Changes what all stacks depend on. */
  editAll(): void {
    for (const [stack, revision] of this.edited) this.edited.set(stack, revision + 1);
    this.touch(everyStack);
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
    const { revisions, broken, isNeeded } = this.#synthesis;
    this.#synthesis = undefined;
    if (!isNeeded) {
      this.tell({ type: "unchanged" });
      return;
    }
    this.#read = new Map(broken.size === 0 ? revisions : []);
    const stacks = [...revisions].map(([name, revision]) => {
      if (!broken.has(name)) this.#written.set(name, revision);
      const written = this.#written.get(name) ?? 0;
      const isChanged = this.applied.get(name) !== written;
      return { name, digest: String(written), isChanged, isSound: !broken.has(name) };
    });
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
      const { changed, moving } = action;
      const isLeftOut = (stack: string) => moving.includes(stack);
      const isAsRead = (stack: string) => this.#read.get(stack) === this.edited.get(stack);
      const asked = changed.includes(everyStack) ? [...this.edited.keys()] : changed;
      this.#synthesis = {
        revisions: new Map([...this.edited].filter(([stack]) => !isLeftOut(stack))),
        broken: new Set([...this.#broken].filter((stack) => !isLeftOut(stack))),
        isNeeded: changed.length === 0 || !asked.every(isAsRead),
      };
      return;
    }
    const { stack } = action;
    expect(this.#running.has(stack), `two runs of ${stack} at once`).toBe(false);
    expect(this.#suspended.has(stack), `${stack} is suspended`).toBe(false);
    this.#running.set(stack, this.#written.get(stack) ?? 0);
    expect(this.#running.size).toBeLessThanOrEqual(this.#most);
  }
}
