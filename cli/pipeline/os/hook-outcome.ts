import type { ErrorCode } from "../../../lib/error-codes.ts";
import { NixherdError } from "../../../lib/errors.ts";

/** Exit codes of scripts/hooks/post-apply.sh that have an error code of their own; every other one is HOOK_FAILED. */
const codes: Readonly<Record<number, ErrorCode>> = {
  10: "SSH_REFUSED",
  11: "HOST_KEY_CHANGED",
  15: "MACHINE_UNHEALTHY",
  17: "MACHINE_BUSY",
  19: "MACHINE_UNHEALTHY",
  22: "MACHINE_NOT_BACK",
  130: "INTERRUPTED",
};

/**
 * The error for a run of the hook that did not end well. Its last line says what happened, what the machine runs, and,
 * as its last sentence, what to do.
 */
export function hookFailure(machine: string, exitCode: number | undefined, lastLine: string): NixherdError {
  const prefix = `${machine}: `;
  const words = (lastLine.startsWith(prefix) ? lastLine.slice(prefix.length) : lastLine).trim();
  const end = words.lastIndexOf(". ");
  const [what, advice] = end < 0 ? [words, ""] : [words.slice(0, end + 1), words.slice(end + 2)];
  return new NixherdError(codes[exitCode ?? -1] ?? "HOOK_FAILED", {
    message: `${machine}: ${what || `the NixOS step ended with exit code ${exitCode ?? "none"}.`}`,
    hint: advice || "Read its lines above.",
  });
}
