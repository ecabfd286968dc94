import { resolve } from "node:path";
import { type CommandResult, runCommand } from "../../../lib/run-command.ts";
import { isRemoteFlake } from "../../../specs/flake-key.ts";

/** Where and how long Nix works. */
export interface NixSetting {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly interrupt: AbortSignal;
}

export interface NixCall extends NixSetting {
  /** Defaults to nix. */
  readonly program?: "nix" | "nix-store" | "nix-instantiate";
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly onStderrLine?: (line: string) => void;
}

const flakes = ["--extra-experimental-features", "nix-command flakes"];

/**
 * Runs Nix. An exit code other than 0 is a result.
 * @throws COMMAND_NOT_STARTED, COMMAND_TIMED_OUT, OUTPUT_TOO_LARGE
 */
export function runNix({ program = "nix", args, root, ...rest }: NixCall): Promise<CommandResult> {
  return runCommand({
    file: program,
    args: program === "nix" ? [...flakes, ...args] : args,
    cwd: root,
    ...rest,
  });
}

/** A flake as Nix is given it: a folder must not look like a name of the flake registry. */
export function flakeReference(root: string, flake: string): string {
  return isRemoteFlake(flake) ? flake : resolve(root, flake);
}

/** What Nix said of a failure: from its first "error:" on, at most 12 lines. */
export function wordsOf(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const first = lines.findIndex((line) => line.startsWith("error:"));
  return lines
    .slice(Math.max(first, lines.length - 40, 0))
    .filter((line) => line.trim() !== "" && !line.includes("--show-trace"))
    .slice(0, 12)
    .join("\n");
}
