const minuteMs = 60_000;

/**
 * How long each kind of sub-command may take, and how long it may go on after an interruption before it is killed.
 * Killing loses what was not yet saved, so an apply gets longer than the slowest single step (a clone: 30 minutes).
 */
export const deadlines = {
  /** Reads or prepares; nothing is lost when it is killed, except that a lock may stay. */
  read: { timeoutMs: 10 * minuteMs, killAfterMs: 2 * minuteMs },
  /** Asks the cluster about every machine; agents that never answer are waited for. */
  plan: { timeoutMs: 60 * minuteMs, killAfterMs: 20 * minuteMs },
  /** Machines are made, so many that it may take a day. */
  apply: { timeoutMs: 24 * 60 * minuteMs, killAfterMs: 45 * minuteMs },
} as const;

/** How long to wait for a state lock that another run holds. */
export const defaultLockTimeoutSeconds = 10;
