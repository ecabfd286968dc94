/** Time and process ids as a host has them. */
export interface HostClock {
  nowMs(): number;
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
    nowSeconds: () => Math.floor(Date.now() / 1000),
    ticks: () => Math.floor((Date.now() - bootedAtMs) / 10),
    nextPid: () => {
      pid += 1;
      return pid;
    },
  };
}
