import { type BackOff, waitAfter } from "../../lib/back-off.ts";

/** What a run is for: changes that are not applied yet, or a look at the whole stack. */
export type RunKind = "change" | "drift";

/**
 * How a run ended: well; with a failure that may go away by itself; or with one that needs something to be changed.
 */
export type Outcome = "done" | "retry" | "terminal";

/** A stack as a synthesis left it. */
export interface SynthesisedStack {
  readonly name: string;
  /** Equal as long as nothing changed on which the stack's runs depend. */
  readonly digest: string;
  /** Something of it is not applied. */
  readonly isChanged: boolean;
  /** False while its specs have problems; the digest and `isChanged` then tell of its last sound configuration. */
  readonly isSound: boolean;
}

/** What the scheduler knows of one stack; times in milliseconds. */
export interface StackTurn {
  readonly digest: string;
  readonly isSound: boolean;
  readonly isDirty: boolean;
  /** The last failure was terminal, and nothing changed since. */
  readonly isWaiting: boolean;
  /** In a row. */
  readonly failures: number;
  /** No run before that time. */
  readonly notBeforeMs: number;
  /** When it became ready, to be fair between stacks. */
  readonly dirtySinceMs: number;
  /** When it is looked at as a whole; infinite when never. */
  readonly driftDueMs: number;
  readonly running?: { readonly kind: RunKind; readonly digest: string } | undefined;
}

/** A stack that was seen for the first time. */
export function newTurn(driftDueMs: number): StackTurn {
  return {
    digest: "",
    isSound: true,
    isDirty: false,
    isWaiting: false,
    failures: 0,
    notBeforeMs: 0,
    dirtySinceMs: 0,
    driftDueMs,
  };
}

/** Takes in a synthesis. What failed is tried again at once if what it depends on is another one now. */
export function afterSynthesis(
  turn: StackTurn,
  { digest, isChanged, isSound }: SynthesisedStack,
  nowMs: number,
): StackTurn {
  if (!isSound) return { ...turn, isSound };
  const isBeingApplied = turn.running?.kind === "change" && turn.running.digest === digest;
  const isDirty = isChanged && !isBeingApplied;
  const isNew = digest !== turn.digest || !turn.isSound;
  const again = isNew || !isDirty ? { isWaiting: false, failures: 0, notBeforeMs: 0 } : {};
  const dirtySinceMs = turn.isDirty ? turn.dirtySinceMs : nowMs;
  return { ...turn, ...again, digest, isSound, isDirty, dirtySinceMs };
}

/** Somebody dealt with a failure: it is tried again now, as a look at the whole stack where no change is left. */
export function afterAnswer(turn: StackTurn, nowMs: number): StackTurn {
  const driftDueMs = turn.isDirty ? turn.driftDueMs : nowMs;
  return { ...turn, isWaiting: false, notBeforeMs: 0, driftDueMs };
}

/** What a stack would be run for now; undefined for nothing. */
export function readyFor(turn: StackTurn, nowMs: number): RunKind | undefined {
  if (turn.running !== undefined || !turn.isSound || nowMs < turn.notBeforeMs) return undefined;
  if (turn.isDirty && !turn.isWaiting) return "change";
  if (nowMs < turn.driftDueMs) return undefined;
  // A look at the whole stack is also the time to try once more what failed for good.
  return turn.isDirty ? "change" : "drift";
}

/** A run begins. */
export function afterStart(turn: StackTurn, kind: RunKind, nextDriftMs: number): StackTurn {
  const { digest } = turn;
  const isLook = kind === "drift" || turn.isWaiting;
  return {
    ...turn,
    running: { kind, digest },
    isDirty: kind === "change" ? false : turn.isDirty,
    isWaiting: false,
    driftDueMs: isLook ? nextDriftMs : turn.driftDueMs,
  };
}

/** A run ended. A change that came meanwhile is run at once, whatever became of the run. */
export function afterEnd(
  turn: StackTurn,
  outcome: Outcome,
  nowMs: number,
  backOff: BackOff,
  random: () => number,
): StackTurn {
  const { running } = turn;
  const ended: StackTurn = { ...turn, running: undefined };
  if (running === undefined || outcome === "done") return { ...ended, failures: 0, notBeforeMs: 0 };
  const isOvertaken = running.digest !== turn.digest;
  const isDirty = turn.isDirty || running.kind === "change";
  const dirtySinceMs = turn.isDirty ? turn.dirtySinceMs : nowMs;
  if (isOvertaken) return { ...ended, isDirty, dirtySinceMs, failures: 0, notBeforeMs: 0 };
  if (outcome === "terminal") {
    const isWaiting = running.kind === "change";
    return { ...ended, isDirty, isWaiting, dirtySinceMs, failures: 0, notBeforeMs: 0 };
  }
  const failures = turn.failures + 1;
  const notBeforeMs = nowMs + waitAfter(failures, backOff, random);
  const driftDueMs = running.kind === "drift" ? notBeforeMs : turn.driftDueMs;
  return { ...ended, isDirty, dirtySinceMs, failures, notBeforeMs, driftDueMs };
}
