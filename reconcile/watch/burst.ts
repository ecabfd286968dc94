/** When a burst of changes is over, in milliseconds. */
export interface BurstBounds {
  /** Without a further change. */
  readonly quietMs: number;
  /** However many more come. */
  readonly longestWaitMs: number;
}

/** Changes that are taken up together: times of the first and of the last one, in milliseconds. */
export interface Burst {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The burst with a further change in it. */
export function extendBurst(burst: Burst | undefined, nowMs: number): Burst {
  return { firstMs: burst?.firstMs ?? nowMs, lastMs: nowMs };
}

/** When a burst is taken up. */
export function burstDueMs({ firstMs, lastMs }: Burst, { quietMs, longestWaitMs }: BurstBounds): number {
  return Math.min(lastMs + quietMs, firstMs + longestWaitMs);
}
