import { setTimeout as sleep } from "node:timers/promises";

/** Time and process ids as a host has them. */
export interface HostClock {
  nowMs(): number;
  /** Lets time pass; rejects when `signal` is aborted before. Everything that takes time on the host waits here. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  nowSeconds(): number;
  /** Hundredths of a second since the host booted, the unit of a process's start time. */
  ticks(): number;
  nextPid(): number;
}

/** A clock that follows the system's, with process ids counted up from 1000. */
export function createHostClock(): HostClock {
  const bootedAtMs = Date.now() - 3_600_000;
  let pid = 1000;
  return {
    nowMs: () => Date.now(),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      if (milliseconds > 0) await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
    },
    nowSeconds: () => Math.floor(Date.now() / 1000),
    ticks: () => Math.floor((Date.now() - bootedAtMs) / 10),
    nextPid: () => {
      pid += 1;
      return pid;
    },
  };
}
