import { cwd, env, exit } from "node:process";
import { NixherdError } from "../lib/errors.ts";
import { formatProblem, type Problem } from "../lib/problem.ts";
import type { Fleet, StackSpecs } from "../specs/fleet.ts";
import { readFleet } from "../specs/read-fleet.ts";
import { readSoundStacks } from "../specs/read-sound-stacks.ts";
import { synthesize } from "./synthesize.ts";

/** The exit code for problems in the specs. */
const invalidSpecs = 2;

/**
 * The app of cdktf.json (`node stacks/main.ts`), run in the repository's root: writes cdktf.out (or CDKTF_OUTDIR).
 * With problems in the specs it writes nothing, prints all of them and ends with exit code 2.
 */
function main(root: string, outputFolder: string): number {
  const result = readFleet(root);
  const found = result.ok ? result.warnings : result.problems;
  for (const problem of found) console.error(`${problem.severity}: ${formatProblem(problem)}`);
  if (!result.ok) {
    const errors = found.filter(isError).length;
    console.error(`${errors} ${errors === 1 ? "problem" : "problems"} in vm-specs/; nothing was written.`);
    return invalidSpecs;
  }
  synthesize(withRemovedStacks(result.fleet, []), outputFolder);
  return 0;
}

/**
 * With NIXHERD_SOUND_STACKS=1, which the watcher sets: writes every stack that has no problems and is none of
 * NIXHERD_MOVING_STACKS (separated by spaces), and leaves the configuration of the others as it is. Problems are printed as lines of JSON, each with its stack (`null`: all of
 * them); the exit code is 2 if there is any.
 */
function writeSoundStacks(root: string, outputFolder: string): number {
  const { fleet, leftOut, problems } = readSoundStacks(root, namesIn("NIXHERD_MOVING_STACKS"));
  for (const { stack = null, ...problem } of problems) console.error(JSON.stringify({ stack, ...problem }));
  const hasErrors = problems.some(isError);
  if (hasErrors && fleet.stacks.length === 0) return invalidSpecs;
  synthesize(withRemovedStacks(fleet, leftOut), outputFolder, leftOut);
  return hasErrors ? invalidSpecs : 0;
}

/**
 * The stacks that NIXHERD_REMOVED_STACKS names (separated by spaces) and that have no folder: without machines, so that
 * what their state knows is planned as destroyed. Our runner sets it; nobody else destroys what has no specs.
 */
function withRemovedStacks(fleet: Fleet, leftOut: readonly string[]): Fleet {
  const names = namesIn("NIXHERD_REMOVED_STACKS");
  const known = new Set([...fleet.stacks.map(({ name }) => name), ...leftOut]);
  const removed = names.filter((name) => !known.has(name));
  return {
    ...fleet,
    stacks: [...fleet.stacks, ...removed.map((name): StackSpecs => ({ name, machines: [] }))],
  };
}

function namesIn(variable: string): string[] {
  return (env[variable] ?? "").split(" ").filter((name) => name !== "");
}

function isError({ severity }: Problem): boolean {
  return severity === "error";
}

try {
  const write = env["NIXHERD_SOUND_STACKS"] === "1" ? writeSoundStacks : main;
  exit(write(cwd(), env["CDKTF_OUTDIR"] ?? "cdktf.out"));
} catch (error) {
  if (!(error instanceof NixherdError)) throw error;
  console.error(`error ${error.code}: ${error.message}\n  -> ${error.hint}`);
  exit(error.exitCode);
}
