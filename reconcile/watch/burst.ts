import { type Area, everyStack } from "./area.ts";

/** When a burst of changes is over, in milliseconds. */
export interface BurstBounds {
  /** Without a further change. */
  readonly quietMs: number;
  /** However many more come. */
  readonly longestWaitMs: number;
}

/** Changes of one area that are taken up together: times of the first and of the last one, in milliseconds. */
interface Burst {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Areas by what becomes of them when changes are taken up. */
interface TakenChanges {
  /** Whose burst is over. */
  readonly changed: readonly Area[];
  /** Whose files go on changing. */
  readonly moving: readonly Area[];
}

/** Changes that wait to be taken up, by area. Times are milliseconds of one clock. */
export interface Bursts {
  add(area: Area, nowMs: number): void;
  /** When the next ones are taken up; infinite when there are none. */
  dueMs(): number;
  /** Before that time nothing is taken up, whatever else is due; 0 when there is no such time. */
  holdMs(): number;
  take(nowMs: number): TakenChanges;
}

/**
 * No changes yet. Areas that become quiet one soon after the other are taken up together: a quiet one waits for others as
 * long again as for its own quiet, and no longer. While the files that concern every stack change, nothing is taken up.
 */
export function createBursts(bounds: () => BurstBounds): Bursts {
  const bursts = new Map<Area, Burst>();

  const overMs = ({ firstMs, lastMs }: Burst): number => {
    const { quietMs, longestWaitMs } = bounds();
    return Math.min(lastMs + quietMs, firstMs + longestWaitMs);
  };
  const holdMs = (): number => {
    const burst = bursts.get(everyStack);
    return burst === undefined ? 0 : overMs(burst);
  };

  return {
    add(area, nowMs) {
      bursts.set(area, { firstMs: bursts.get(area)?.firstMs ?? nowMs, lastMs: nowMs });
    },
    dueMs() {
      if (bursts.size === 0) return Number.POSITIVE_INFINITY;
      const ends = [...bursts.values()].map(overMs);
      return Math.max(holdMs(), Math.min(Math.max(...ends), Math.min(...ends) + bounds().quietMs));
    },
    holdMs,
    take(nowMs) {
      const [changed, moving]: [Area[], Area[]] = [[], []];
      for (const [area, burst] of bursts) (overMs(burst) <= nowMs ? changed : moving).push(area);
      for (const area of changed) bursts.delete(area);
      return { changed, moving };
    },
  };
}
