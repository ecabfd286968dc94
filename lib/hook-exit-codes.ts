import type { ErrorCode } from "./error-codes.ts";

interface HookEnding {
  readonly code: ErrorCode;
  /** What to do when the hook's own last line does not say it; a sentence without its full stop. */
  readonly advice: string;
}

const repeat = "then run the command again: it repeats the failed step and only it";
const notExecutable: HookEnding = {
  code: "HOOK_NOT_EXECUTABLE",
  advice: "Make the script executable (chmod +x) and commit it",
};

/**
 * What the exit codes of scripts/hooks/post-apply.sh mean, as its head lists them; 126 and 127 are a shell's own, for a
 * script that cannot be run. A test compares the two lists.
 */
export const hookExitCodes: Readonly<Record<number, HookEnding>> = {
  2: { code: "HOOK_CONTRACT", advice: "Correct the variable that the hook names, which comes from the spec" },
  10: { code: "SSH_REFUSED", advice: `Check that the machine booted and lets your ssh in, ${repeat}` },
  11: { code: "HOST_KEY_CHANGED", advice: `Find out who answers at the machine's address, ${repeat}` },
  12: { code: "BUILD_FAILED", advice: `Correct what the build's words name, ${repeat}` },
  13: { code: "COPY_FAILED", advice: `Check the connection and the room on the machine, ${repeat}` },
  14: {
    code: "ACTIVATION_FAILED",
    advice: `Read the machine's journal, correct the configuration, ${repeat}`,
  },
  15: { code: "MACHINE_UNHEALTHY", advice: `Read the journal of the failed units, ${repeat}` },
  16: { code: "REBOOT_NEEDED", advice: "Reboot the machine (nixherd os reboot), or set nixos.reboot" },
  17: { code: "MACHINE_BUSY", advice: `Wait until the other activation is decided, ${repeat}` },
  18: {
    code: "SYSTEM_UNEXPECTED",
    advice: "Find out who else activates systems on the machine; deploy again",
  },
  19: {
    code: "MACHINE_UNHEALTHY",
    advice: `Read the machine's journal, correct the configuration, ${repeat}`,
  },
  20: { code: "HOOK_FAILED", advice: `Read the script's words and correct it, ${repeat}` },
  21: { code: "ACTIVATION_REFUSED", advice: `Correct what was objected to, ${repeat}` },
  22: { code: "MACHINE_NOT_BACK", advice: `Look at the machine's console, ${repeat}` },
  126: notExecutable,
  127: notExecutable,
  130: { code: "INTERRUPTED", advice: "Run the command again: it starts this step from its beginning" },
};

/** The ending for an exit code, and for one that no hook of ours has (or none, after a signal) a general one. */
export function hookEnding(exitCode: number | undefined): HookEnding {
  const known = exitCode === undefined ? undefined : hookExitCodes[exitCode];
  return known ?? { code: "HOOK_FAILED", advice: `Read the hook's words, ${repeat}` };
}
