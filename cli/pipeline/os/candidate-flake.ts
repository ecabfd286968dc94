import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { NixherdError } from "../../../lib/errors.ts";
import { type CommandResult, runCommand } from "../../../lib/run-command.ts";

/** A copy of a flake with newer inputs; the flake itself is as it was. */
export interface CandidateFlake {
  /** Absolute path of the flake. */
  readonly folder: string;
  /** Absolute path of the copy. */
  readonly copy: string;
  /** Does the copy's flake.lock differ from the flake's? */
  readonly isNewer: boolean;
  /**
   * Puts the copy's flake.lock into the flake.
   * @throws FILE_FAILED when the flake's own was changed meanwhile
   */
  accept(): Promise<void>;
  remove(): Promise<void>;
}

const lockFile = "flake.lock";
const listTimeoutMs = 60_000;
const updateTimeoutMs = 600_000;

/** Nix takes names of inputs in `nix flake update` from this version on; before that, in `nix flake lock`. */
const namesInputsSince = [2, 19] as const;

/**
 * Copies what git tracks of a flake (without git: all of it) and updates the copy's inputs, all of them or those named.
 * @throws NIX_MISSING, FLAKE_NOT_UPDATED, COMMAND_TIMED_OUT, INTERRUPTED
 */
export async function updateCandidate(
  folder: string,
  inputs: readonly string[],
  interrupt: AbortSignal,
): Promise<CandidateFlake> {
  const copy = await mkdtemp(join(tmpdir(), "nixherd-flake-"));
  const remove = () => rm(copy, { recursive: true, force: true });
  try {
    await copyFlake(folder, copy);
    await updateInputs(copy, inputs, interrupt);
    const [before, after] = [await readLock(folder), await readLock(copy)];
    const accept = () => replaceLock(folder, before, after);
    return { folder, copy, isNewer: before !== after, accept, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function copyFlake(folder: string, copy: string): Promise<void> {
  const args = ["ls-files", "-z", "--cached"];
  const listed = await runCommand({ file: "git", args, cwd: folder, timeoutMs: listTimeoutMs });
  if (listed.exitCode !== 0) {
    const leftOut = /\/(\.git|\.nixherd|\.tools|\.terraform|node_modules|cdktf\.out|coverage)$/;
    await cp(folder, copy, { recursive: true, filter: (source) => !leftOut.test(source) });
    return;
  }
  for (const file of listed.stdout.split("\0").filter((name) => name !== "")) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await cp(join(folder, file), join(copy, file), { recursive: true }).catch(ignoreMissing);
  }
}

/** Git still lists what was deleted and not yet committed. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

async function updateInputs(copy: string, inputs: readonly string[], interrupt: AbortSignal): Promise<void> {
  const nix = (args: readonly string[]) =>
    runNix(["--extra-experimental-features", "nix-command flakes", ...args], copy, interrupt);
  const isNew = inputs.length === 0 || takesNames((await nix(["--version"])).stdout);
  const words = isNew
    ? ["flake", "update", ...inputs]
    : ["flake", "lock", ...inputs.flatMap((input) => ["--update-input", input])];
  const { exitCode, stderr, isInterrupted } = await nix(words);
  if (exitCode === 0) return;
  const said = stderr.trim().split("\n").slice(-5).join("\n");
  throw new NixherdError(isInterrupted ? "INTERRUPTED" : "FLAKE_NOT_UPDATED", {
    message: `The flake's inputs were not updated, and nothing was changed: ${said}`,
    hint: "Read nix's words; nix flake metadata names the inputs.",
  });
}

/** Is a version such as "nix (Nix) 2.28.1" one that takes names of inputs? */
export function takesNames(text: string): boolean {
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const [sinceMajor, sinceMinor] = namesInputsSince;
  return Number(major) > sinceMajor || (Number(major) === sinceMajor && Number(minor) >= sinceMinor);
}

async function runNix(args: readonly string[], cwd: string, interrupt: AbortSignal): Promise<CommandResult> {
  const command = { file: "nix", args, cwd, interrupt, timeoutMs: updateTimeoutMs };
  return runCommand(command).catch((error: unknown) => {
    if (!(error instanceof NixherdError) || error.code !== "COMMAND_NOT_STARTED") throw error;
    throw new NixherdError("NIX_MISSING", {
      message: "There is no nix here to update the flake's inputs with.",
      hint: "Install nix, or update flake.lock where there is one, commit it, and run nixherd os switch.",
      cause: error,
    });
  });
}

/** "" where the flake has none. */
async function readLock(folder: string): Promise<string> {
  return readFile(join(folder, lockFile), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}

async function replaceLock(folder: string, before: string, after: string): Promise<void> {
  const file = join(folder, lockFile);
  if ((await readLock(folder)) !== before) {
    throw new NixherdError("FLAKE_NOT_UPDATED", {
      message: `${file} was changed by somebody else meanwhile, so it was left alone and no machine was touched.`,
      hint: "Run the command again.",
    });
  }
  await writeFile(`${file}.${process.pid}`, after);
  await rename(`${file}.${process.pid}`, file);
}
