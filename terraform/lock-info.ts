/** What a locked state tells of whoever holds it. */
export interface LockInfo {
  readonly id: string;
  /** "plan", "apply", ... */
  readonly operation: string;
  /** "user@host" */
  readonly who: string;
  /** "2026-11-21 08:00:07", UTC */
  readonly since: string;
}

/** On texts with every run of blanks and newlines made one blank; OpenTofu 1.12.6, Terraform 1.11.4. */
export const lockInfoPattern =
  /Error acquiring the state lock.*?Lock Info: ID: (\S+).*? Operation: (?:OperationType)?(\S*) Who: (\S*).*?Created: (.{19})/;

/** Reads it from Terraform's words; undefined where they do not tell it. */
export function readLockInfo(words: string): LockInfo | undefined {
  const [, id, operation = "", who = "", since = ""] = lockInfoPattern.exec(words.replace(/\s+/g, " ")) ?? [];
  return id === undefined ? undefined : { id, operation: operation.toLowerCase(), who, since };
}
