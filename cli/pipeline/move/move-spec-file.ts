import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { NixherdError } from "../../../lib/errors.ts";
import { runCommand } from "../../../lib/run-command.ts";
import type { Machine } from "../../../specs/fleet.ts";
import { findNameProblem } from "../../../specs/name-problem.ts";
import { readFleet } from "../../../specs/read-fleet.ts";
import { findDescribed } from "./find-moved.ts";

const gitTimeoutMs = 10_000;

/**
 * Moves a machine's file into the folder of another stack, in git's eyes too if git knows the file. The specs are
 * valid afterwards, or the file is back where it was.
 * @throws SPEC_EXISTS, INVALID_INPUT, USAGE for a name that no stack can have
 */
export async function moveSpecFile(root: string, { file, spec }: Machine, stack: string): Promise<Machine> {
  refuseBadName(stack);
  const target = `vm-specs/${stack}/${basename(file)}`;
  if (existsSync(join(root, target))) {
    throw new NixherdError("SPEC_EXISTS", {
      message: `${target} exists already.`,
      hint: "Rename one of the two, then run the command again.",
    });
  }
  await moveFile(root, file, target);
  const problems = readFleet(root);
  if (problems.ok) return findDescribed(root, String(spec.vmId));
  await moveFile(root, target, file);
  throw new NixherdError("INVALID_INPUT", {
    message: `${file} would not be valid in stack ${stack} (its defaults, VMID range or address pool), so it stayed where it was.`,
    hint: "Move the file by hand and see nixherd validate; once it is valid, run nixherd move without --to.",
  });
}

function refuseBadName(stack: string): void {
  const problem = stack.includes(".") ? "contains a dot" : findNameProblem(stack);
  if (problem === undefined) return;
  throw new NixherdError("USAGE", {
    message: `A stack cannot be called ${stack}: it ${problem}.`,
    hint: "Use letters, digits and inner hyphens.",
  });
}

async function moveFile(root: string, from: string, to: string): Promise<void> {
  await mkdir(dirname(join(root, to)), { recursive: true });
  const command = { file: "git", args: ["mv", "--", from, to], cwd: root, timeoutMs: gitTimeoutMs };
  const { exitCode } = await runCommand(command);
  // Git refuses what it does not track.
  if (exitCode !== 0) await rename(join(root, from), join(root, to));
}
