import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import type { GuestConnection } from "./connection.ts";
import { describeGuest } from "./guest.ts";
import { quoteWords } from "./quote-words.ts";
import { type GuestOutput, runOnGuest } from "./run-on-guest.ts";

/** Parts of the script that is sent: those of the hook, which knows where things are on a machine, and our own. */
const hookParts = ["machine", "facts", "health", "reboot"];
const ownParts = ["facts", "generations", "closure", "garbage"];

let assembled: string | undefined;

interface ScriptCall {
  /** A function of the script and its arguments. */
  readonly words: readonly string[];
  readonly isRoot?: boolean;
  readonly timeoutMs: number;
  readonly maxChars?: number;
}

/** Runs a function of the remote script, which comes by standard input and stays nowhere. */
export function runScript(connection: GuestConnection, call: ScriptCall): Promise<GuestOutput> {
  const sudo = call.isRoot === true && connection.guest.user !== "root" ? ["sudo", "-n"] : [];
  const { timeoutMs, maxChars } = call;
  return runOnGuest(connection, {
    line: quoteWords([...sudo, "bash", "-s", "--", ...call.words]),
    input: remoteScript(),
    timeoutMs,
    ...(maxChars === undefined ? {} : { maxChars }),
  });
}

/**
 * The same for a function that has to succeed; gives its standard output.
 * @throws GUEST_COMMAND_FAILED, COMMAND_TIMED_OUT, SSH_REFUSED
 */
export async function askScript(connection: GuestConnection, call: ScriptCall): Promise<string> {
  const { exitCode, stdout, stderr } = await runScript(connection, call);
  if (exitCode === 0 && stdout.droppedChars() === 0) return stdout.text();
  const words = stderr.text().trim().split("\n").slice(-3).join("\n");
  throw new NixherdError("GUEST_COMMAND_FAILED", {
    message:
      exitCode === 0
        ? `${describeGuest(connection.guest)} answered with more than can be kept.`
        : `${describeGuest(connection.guest)} could not do it (exit code ${exitCode ?? "none"}): ${words}`,
    hint: "Read the machine's words; a user other than root needs sudo without a password.",
  });
}

/** The whole script: functions, then the one that the arguments name. */
function remoteScript(): string {
  assembled ??= [
    "set -euo pipefail",
    ...hookParts.map((part) => readPart("../scripts/hooks/remote", part)),
    ...ownParts.map((part) => readPart("remote", part)),
    '"$@"; exit\n',
  ].join("\n");
  return assembled;
}

function readPart(folder: string, part: string): string {
  return readFileSync(join(import.meta.dirname, folder, `${part}.sh`), "utf8");
}
