import type { HostClock } from "../../../../embedded/pve/state/host-clock.ts";

interface Sleeper {
  readonly milliseconds: number;
  wake(): void;
}

/** A clock on which no time passes but what a test lets pass. */
export interface HeldClock extends HostClock {
  /** Ends all waiting for so long, and tells how many waited. */
  pass(milliseconds: number): number;
  /** Ends all waiting for so long, and longer. */
  passAtLeast(milliseconds: number): void;
}

/** Holds a clock: whoever sleeps on it sleeps until `pass`. */
export function holdClock(clock: HostClock): HeldClock {
  const sleepers = new Set<Sleeper>();
  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    if (milliseconds === 0) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { milliseconds, wake: resolve };
    sleepers.add(sleeper);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    return promise.finally(() => sleepers.delete(sleeper));
  };
  const pass = (milliseconds: number): number => {
    const due = [...sleepers].filter((sleeper) => sleeper.milliseconds === milliseconds);
    for (const sleeper of due) sleeper.wake();
    return due.length;
  };
  const passAtLeast = (milliseconds: number): void => {
    for (const sleeper of sleepers) if (sleeper.milliseconds >= milliseconds) sleeper.wake();
  };
  return Object.assign(clock, { sleep, pass, passAtLeast });
}
