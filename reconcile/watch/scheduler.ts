import type { BackOff } from "../../lib/back-off.ts";
import type { Area } from "./area.ts";
import type { BurstBounds } from "./burst.ts";
import {
  afterAnswer,
  afterEnd,
  afterStart,
  afterSynthesis,
  newTurn,
  type Outcome,
  type RunKind,
  readyFor,
  type StackTurn,
  type SynthesisedStack,
} from "./stack-turn.ts";
import { createSynthesisTurn, type SynthesisAction } from "./synthesis-turn.ts";

export interface SchedulerSettings extends BurstBounds, BackOff {
  readonly stacksAtOnce: number;
  /** Between two looks at a whole stack; 0 is never. */
  readonly driftEveryMs: number;
}

/** What the scheduler is told. */
export type SchedulerEvent =
  | { readonly type: "changed"; readonly area: Area }
  /** All stacks that there are; what it says of those that were left out does not count. */
  | { readonly type: "synthesised"; readonly stacks: readonly SynthesisedStack[] }
  /** No synthesis was needed: what changed is again as the last one read it. */
  | { readonly type: "unchanged" }
  | { readonly type: "synthesis-failed"; readonly outcome: Exclude<Outcome, "done"> }
  | { readonly type: "ended"; readonly stack: string; readonly outcome: Outcome }
  /** Somebody dealt with the stack by other ways: a failure that waited for that is tried again. */
  | { readonly type: "asked"; readonly stack: string }
  /** All stacks that are suspended. */
  | { readonly type: "suspended"; readonly stacks: ReadonlySet<string> }
  | { readonly type: "time" }
  | { readonly type: "stop" };

/** What is to be done now; each is answered by an event once it has ended. */
export type SchedulerAction =
  | SynthesisAction
  | { readonly type: "run"; readonly stack: string; readonly kind: RunKind };

/**
 * Decides what a watcher does and when: one synthesis at a time after each burst of changes, without the stacks whose
 * files go on changing; at most one run a stack, several stacks at once, failed runs again after growing waits, looks at whole stacks on a schedule. It holds no timer
 * and asks nobody for the time: whoever drives it tells what happened, does what it answers, and comes back when
 * `nextWakeMs` says. Times are milliseconds of any clock that does not go back.
 */
export interface Scheduler {
  take(event: SchedulerEvent, nowMs: number): SchedulerAction[];
  /** When something is due without any further event; undefined when nothing is. */
  nextWakeMs(): number | undefined;
}

/** Settings are asked for each time, so that they may change; `random` gives numbers from 0 to below 1. */
export function createScheduler(settings: () => SchedulerSettings, random: () => number): Scheduler {
  const turns = new Map<string, StackTurn>();
  const synthesis = createSynthesisTurn(settings, random);
  let suspended: ReadonlySet<string> = new Set();
  let isStopped = false;

  const nextDriftMs = (nowMs: number, share: number): number => {
    const { driftEveryMs } = settings();
    return driftEveryMs === 0 ? Number.POSITIVE_INFINITY : nowMs + driftEveryMs * share;
  };
  const change = (name: string, step: (turn: StackTurn) => StackTurn): void => {
    const turn = turns.get(name);
    if (turn !== undefined) turns.set(name, step(turn));
  };

  function takeIn(event: SchedulerEvent, nowMs: number): void {
    if (event.type === "changed") synthesis.changed(event.area, nowMs);
    else if (event.type === "unchanged") synthesis.skipped();
    else if (event.type === "synthesised") takeStacks(event.stacks, nowMs);
    else if (event.type === "synthesis-failed") failSynthesis(event.outcome, nowMs);
    else if (event.type === "ended")
      change(event.stack, (turn) => afterEnd(turn, event.outcome, nowMs, settings(), random));
    else if (event.type === "asked") change(event.stack, (turn) => afterAnswer(turn, nowMs));
    else if (event.type === "suspended") suspended = event.stacks;
    else if (event.type === "stop") isStopped = true;
  }

  /** Without a configuration that can be made, no stack is touched. */
  function failSynthesis(outcome: Outcome, nowMs: number): void {
    synthesis.ended(outcome, nowMs);
    if (outcome !== "terminal") return;
    for (const name of turns.keys()) change(name, (turn) => ({ ...turn, isSound: false }));
  }

  function takeStacks(stacks: readonly SynthesisedStack[], nowMs: number): void {
    const leftOut = synthesis.ended("done", nowMs);
    for (const stack of stacks) {
      if (leftOut.has(stack.name)) continue;
      // The first looks are spread, so that a restart does not look at every stack at once.
      const turn = turns.get(stack.name) ?? newTurn(nextDriftMs(nowMs, random()));
      turns.set(stack.name, afterSynthesis(turn, stack, nowMs));
    }
    const names = new Set([...stacks.map(({ name }) => name), ...leftOut]);
    for (const [name, turn] of turns) {
      if (names.has(name)) continue;
      if (turn.running === undefined) turns.delete(name);
      // Forgotten by the next synthesis; until then nothing begins there.
      else turns.set(name, { ...turn, isSound: false });
    }
  }

  function freeSlots(): number {
    const running = [...turns.values()].filter((turn) => turn.running !== undefined).length;
    return Math.max(0, settings().stacksAtOnce - running);
  }

  function startRuns(nowMs: number): SchedulerAction[] {
    const ready = [...turns].flatMap(([stack, turn]) => {
      const kind = suspended.has(stack) ? undefined : readyFor(turn, nowMs);
      return kind === undefined ? [] : [{ type: "run" as const, stack, kind, turn }];
    });
    return ready
      .toSorted((left, right) => rank(left) - rank(right))
      .slice(0, freeSlots())
      .map(({ type, stack, kind, turn }) => {
        turns.set(stack, afterStart(turn, kind, nextDriftMs(nowMs, 1)));
        return { type, stack, kind };
      });
  }

  return {
    take(event, nowMs) {
      takeIn(event, nowMs);
      if (isStopped) return [];
      return [...synthesis.start(nowMs), ...startRuns(nowMs)];
    },
    nextWakeMs() {
      const waiting = freeSlots() === 0 ? [] : [...turns];
      const ofStacks = waiting.flatMap(([name, turn]) => (suspended.has(name) ? [] : wakeOf(turn)));
      const earliest = Math.min(synthesis.dueMs(), ...ofStacks);
      return isStopped || earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
    },
  };
}

/** Changes go first, in the order in which they came; looks at whole stacks use what is left. */
function rank({ kind, turn }: { readonly kind: RunKind; readonly turn: StackTurn }): number {
  return kind === "change" && !turn.isWaiting ? turn.dirtySinceMs : Number.MAX_SAFE_INTEGER;
}

function wakeOf(turn: StackTurn): number[] {
  if (turn.running !== undefined || !turn.isSound) return [];
  const dueMs = turn.isDirty && !turn.isWaiting ? 0 : turn.driftDueMs;
  return [Math.max(dueMs, turn.notBeforeMs)];
}
