import type { Generation } from "./read-generations.ts";

/** Which generations may go. A generation goes only when both say so. */
export interface GarbageRule {
  /** How many of the newest generations stay whatever their age. */
  readonly keep: number;
  /** Generations younger than this stay, in seconds. */
  readonly olderThanSeconds: number;
}

/**
 * The generations that may be deleted, oldest first. Those that are current, running, booted or confirmed last never go:
 * a machine could not return to them any more.
 */
export function chooseGarbage(
  generations: readonly Generation[],
  { keep, olderThanSeconds }: GarbageRule,
  nowSeconds: number,
): Generation[] {
  const byAge = generations.toSorted((left, right) => left.number - right.number);
  const candidates = keep === 0 ? byAge : byAge.slice(0, -keep);
  return candidates.filter(
    (generation) => !isNeeded(generation) && nowSeconds - generation.madeAtSeconds >= olderThanSeconds,
  );
}

/** Does a machine need this generation, whatever the rule says? */
function isNeeded({ isCurrent, isRunning, isBooted, isConfirmed }: Generation): boolean {
  return isCurrent || isRunning || isBooted || isConfirmed;
}
