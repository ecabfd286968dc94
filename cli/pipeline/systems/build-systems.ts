import { NixherdError } from "../../../lib/errors.ts";
import { type NixSetting, runNix, wordsOf } from "./run-nix.ts";

const buildTimeoutMs = 2 * 60 * 60_000;
const askTimeoutMs = 60_000;
/** Arguments of a program must not be longer than 128 KiB each and 2 MiB together. */
const pathsAtOnce = 5_000;

interface BuildRequest extends NixSetting {
  /** Store paths of derivations. */
  readonly derivations: readonly string[];
  /** Receives what Nix says. */
  readonly onLine: (line: string) => void;
}

/**
 * Builds everything in one run of Nix, which goes on after a failure; gives Nix's last words, "" if all went well. What
 * was built shows in the store.
 * @throws INTERRUPTED, COMMAND_TIMED_OUT, COMMAND_NOT_STARTED
 */
export async function buildSystems({ derivations, onLine, ...setting }: BuildRequest): Promise<string> {
  if (derivations.length === 0) return "";
  const { exitCode, stderr, isInterrupted } = await runNix({
    ...setting,
    program: "nix-store",
    args: ["--realise", "--keep-going", ...derivations],
    timeoutMs: buildTimeoutMs,
    onStderrLine: onLine,
  });
  if (isInterrupted) {
    throw new NixherdError("INTERRUPTED", {
      message: "The build was interrupted; no machine was changed.",
      hint: "Run the command again: what is built already stays built.",
    });
  }
  return exitCode === 0 ? "" : wordsOf(stderr);
}

/** Those of the store paths that the store here has. */
export async function presentPaths(
  paths: readonly string[],
  setting: NixSetting,
): Promise<ReadonlySet<string>> {
  const present = new Set(paths);
  for (let from = 0; from < paths.length; from += pathsAtOnce) {
    const args = ["--check-validity", "--print-invalid", ...paths.slice(from, from + pathsAtOnce)];
    const asked = await runNix({ ...setting, program: "nix-store", args, timeoutMs: askTimeoutMs });
    for (const path of asked.stdout.split("\n")) present.delete(path);
    if (asked.exitCode !== 0) return new Set();
  }
  return present;
}
