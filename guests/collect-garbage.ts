import { NixherdError } from "../lib/errors.ts";
import { chooseGarbage, type GarbageRule } from "./choose-garbage.ts";
import type { GuestConnection } from "./connection.ts";
import { describeGuest } from "./guest.ts";
import { parseFacts } from "./read-facts.ts";
import { readGenerations } from "./read-generations.ts";
import { askScript, runScript } from "./run-script.ts";

/** What a collection did, or would do. */
export interface GarbageResult {
  /** Numbers of the generations that went. */
  readonly deleted: readonly number[];
  /** Numbers of those that stay. */
  readonly kept: readonly number[];
  readonly isDryRun: boolean;
  /** Room on /nix before and after, in MiB; the same in a dry run. */
  readonly freeBeforeMib: number;
  readonly freeAfterMib: number;
}

const askTimeoutMs = 30_000;
/** A large store on a slow disk. */
const collectTimeoutMs = 2 * 3600 * 1000;
/** How the remote script says that an activation is undecided. */
const busyExitCode = 17;

/**
 * Deletes the generations that nobody needs and frees what only they needed.
 * @throws MACHINE_BUSY, GUEST_COMMAND_FAILED, COMMAND_TIMED_OUT, SSH_REFUSED
 */
export async function collectGarbage(
  connection: GuestConnection,
  rule: GarbageRule,
  isDryRun: boolean,
): Promise<GarbageResult> {
  const generations = await readGenerations(connection);
  const garbage = chooseGarbage(generations, rule, Math.floor(Date.now() / 1000));
  const deleted = garbage.map(({ number }) => number);
  const kept = generations.map(({ number }) => number).filter((number) => !deleted.includes(number));
  const freeBeforeMib = await freeMib(connection);
  if (!isDryRun) await deleteGenerations(connection, deleted);
  const freeAfterMib = isDryRun ? freeBeforeMib : await freeMib(connection);
  return { deleted, kept, isDryRun, freeBeforeMib, freeAfterMib };
}

async function deleteGenerations(connection: GuestConnection, numbers: readonly number[]): Promise<void> {
  const { exitCode, stderr } = await runScript(connection, {
    words: ["collect_garbage", ...numbers.map(String)],
    isRoot: true,
    timeoutMs: collectTimeoutMs,
  });
  if (exitCode === 0) return;
  const words = stderr.text().trim().split("\n").slice(-3).join("\n");
  const machine = describeGuest(connection.guest);
  throw new NixherdError(exitCode === busyExitCode ? "MACHINE_BUSY" : "GUEST_COMMAND_FAILED", {
    message: `The garbage of ${machine} was not collected (exit code ${exitCode ?? "none"}): ${words}`,
    hint:
      exitCode === busyExitCode
        ? "Wait until the activation is decided, then run the command again."
        : "Read the machine's words; a user other than root needs sudo without a password.",
  });
}

async function freeMib(connection: GuestConnection): Promise<number> {
  const text = await askScript(connection, { words: ["facts"], timeoutMs: askTimeoutMs });
  return parseFacts(text).storeFreeMib ?? 0;
}
