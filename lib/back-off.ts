/** Bounds of the waits between failures in a row, in milliseconds. */
export interface BackOff {
  /** Longest wait after the first failure. */
  readonly retryMs: number;
  /** Longest wait of all. */
  readonly longestRetryMs: number;
}

/**
 * How long to wait after so many failures in a row (from 1): a random part of a bound that doubles each time ("full
 * jitter"), so that stacks which failed together do not come back together. `random` gives numbers from 0 to below 1.
 */
export function waitAfter(
  failures: number,
  { retryMs, longestRetryMs }: BackOff,
  random: () => number,
): number {
  return Math.round(random() * Math.min(longestRetryMs, retryMs * 2 ** Math.min(failures - 1, 50)));
}
