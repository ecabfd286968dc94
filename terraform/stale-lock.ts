import { hostname, userInfo } from "node:os";
import type { NixherdError } from "../lib/errors.ts";
import { processStart } from "../lib/process-start.ts";
import { mayBeHeldHere } from "./lock-holders.ts";
import { type LockInfo, readLockInfo } from "./lock-info.ts";
import { type ProgramRecord, readProgramRecords } from "./program-record.ts";
import type { TerraformFolder } from "./run-terraform.ts";

/** What is known of whoever holds a lock that a command met. */
export type LockOwner =
  /** It was ours, it was killed, and nothing on this computer can still hold the lock. */
  | { readonly state: "gone"; readonly lock: LockInfo }
  /** It was started from this folder and still runs. */
  | { readonly state: "running"; readonly lock: LockInfo; readonly pid: number }
  /** It is on another computer, or nobody knows where it came from. */
  | { readonly state: "unknown"; readonly lock: LockInfo };

/** Terraform tells whole seconds, and takes the lock after its start. */
const clockSlackMs = 1000;

/** Finds out who holds the lock that a command failed at; undefined for another failure. */
export async function findLockOwner(
  folder: TerraformFolder,
  failure: NixherdError,
): Promise<LockOwner | undefined> {
  const lock = failure.code === "STATE_LOCKED" ? readLockInfo(failure.message) : undefined;
  if (lock === undefined) return undefined;
  const records = (await readProgramRecords(folder.path)).filter((record) => isOf(record, lock));
  if (records.length === 0) return { state: "unknown", lock };
  for (const { pid, processStart: start } of records) {
    if ((await processStart(pid)) === start) return { state: "running", lock, pid };
  }
  return { state: (await mayBeHeldHere(folder)) ? "unknown" : "gone", lock };
}

/** Whether the recorded program can have taken the lock: this user on this computer, after the program's start. */
function isOf({ startedAt }: ProgramRecord, { who, since }: LockInfo): boolean {
  const isHere = who === `${userInfo().username}@${hostname()}`;
  const takenMs = Date.parse(`${since.replace(" ", "T")}Z`);
  return isHere && takenMs >= Date.parse(startedAt) - clockSlackMs;
}
