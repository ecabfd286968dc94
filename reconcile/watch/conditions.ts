/** What state a stack or a machine is in. */
export type ConditionType = "Ready" | "Reconciling" | "Stalled";

/** The one condition of a stack or a machine at a time. */
export interface Condition {
  /** Ready: as its specs say. Reconciling: on the way there. Stalled: it needs somebody. */
  readonly type: ConditionType;
  /** One word: "Applied", "ChangeSeen", "Planning", "Applying", "Drifted", or the code of an error. */
  readonly reason: string;
  readonly message: string;
  /** ISO 8601; when type or reason became these. */
  readonly since: string;
  /** What it was about: a git commit, with "+" and a hash of the configuration when the tree differs; or the hash alone. */
  readonly revision: string;
}

export interface MachineStatus extends Condition {
  readonly vmId: number;
  readonly name: string;
}

export interface StackStatus extends Condition {
  readonly stack: string;
  readonly isSuspended: boolean;
  /** ISO 8601; when everything was applied, or found applied, last; null before. */
  readonly lastReadyAt: string | null;
  readonly machines: readonly MachineStatus[];
}

/** What the watcher tells of itself and its stacks. */
export interface WatchStatus {
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601; when this was written. */
  readonly updatedAt: string;
  /** Of the last synthesis; "" before. */
  readonly revision: string;
  /** How the repository follows its branch; null when it follows none. */
  readonly git: Condition | null;
  /** By name. */
  readonly stacks: readonly StackStatus[];
}

/** What a condition becomes: the time stays while type and reason do. */
export function nextCondition(
  last: Condition | undefined,
  next: Omit<Condition, "since">,
  now: Date,
): Condition {
  const isSame = last !== undefined && last.type === next.type && last.reason === next.reason;
  const { type, reason, message, revision } = next;
  return { type, reason, message, revision, since: isSame ? last.since : now.toISOString() };
}
