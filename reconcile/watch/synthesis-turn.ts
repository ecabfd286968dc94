import { type BackOff, waitAfter } from "../../lib/back-off.ts";
import type { Area } from "./area.ts";
import { type BurstBounds, createBursts } from "./burst.ts";
import type { Outcome } from "./stack-turn.ts";

/** A synthesis is due. */
export interface SynthesisAction {
  readonly type: "synthesise";
  /** What it is for; empty when it is due whether anything changed or not. */
  readonly changed: readonly Area[];
  /** Stacks that are left out, because their files are being written. */
  readonly moving: readonly string[];
}

interface SynthesisSettings extends BurstBounds, BackOff {
  /** Between two syntheses that no change asks for; 0 is never. */
  readonly driftEveryMs: number;
}

/** When the next synthesis is due; there is one at a time. Times are milliseconds of one clock. */
export interface SynthesisTurn {
  changed(area: Area, nowMs: number): void;
  /** The synthesis that is to be begun now, if any. */
  start(nowMs: number): SynthesisAction[];
  /** It ended; gives the stacks that it left out. */
  ended(outcome: Outcome, nowMs: number): ReadonlySet<string>;
  /** It was not needed: whatever else is due stays so. */
  skipped(): void;
  /** Infinite while one runs, and when none is due. */
  dueMs(): number;
}

/** Nothing is due yet; settings are asked for each time, `random` gives numbers from 0 to below 1. */
export function createSynthesisTurn(settings: () => SynthesisSettings, random: () => number): SynthesisTurn {
  const bursts = createBursts(settings);
  let running: SynthesisAction | undefined;
  let failures = 0;
  let againAtMs = Number.POSITIVE_INFINITY;

  const dueMs = (): number => {
    if (running !== undefined) return Number.POSITIVE_INFINITY;
    return Math.max(Math.min(againAtMs, bursts.dueMs()), bursts.holdMs());
  };
  const nextAgainMs = (outcome: Outcome, nowMs: number): number => {
    if (outcome === "retry") return nowMs + waitAfter(failures, settings(), random);
    const { driftEveryMs } = settings();
    // A change that no file system told of is found in the end.
    return driftEveryMs > 0 ? nowMs + driftEveryMs : Number.POSITIVE_INFINITY;
  };

  return {
    dueMs,
    changed: bursts.add,
    start(nowMs) {
      if (nowMs < dueMs()) return [];
      const isDueAnyway = againAtMs <= nowMs;
      const { changed, moving } = bursts.take(nowMs);
      running = { type: "synthesise", changed: isDueAnyway ? [] : changed, moving };
      return [running];
    },
    ended(outcome, nowMs) {
      const leftOut = new Set(running?.moving);
      running = undefined;
      failures = outcome === "retry" ? failures + 1 : 0;
      againAtMs = nextAgainMs(outcome, nowMs);
      return leftOut;
    },
    skipped() {
      running = undefined;
    },
  };
}
