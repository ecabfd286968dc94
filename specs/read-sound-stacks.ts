import type { Problem } from "../lib/problem.ts";
import type { Fleet } from "./fleet.ts";
import { fleetOf, readSpecs } from "./read-fleet.ts";

/** A problem and the stack that it spoils; undefined is every stack. */
interface StackProblem extends Problem {
  readonly stack: string | undefined;
}

interface SoundStacks {
  /** The stacks without errors. */
  readonly fleet: Fleet;
  /** Names of the others, the moving ones among them. */
  readonly leftOut: readonly string[];
  readonly problems: readonly StackProblem[];
}

/**
 * Reads vm-specs/ and gives the stacks in which nothing is wrong. An error in a stack's folder leaves that stack out;
 * one anywhere else (the site file, the defaults of all) leaves out every stack. Moving stacks, whose files are being
 * written, are left out whatever is in them; their machines count in the rules about several machines all the same.
 */
export function readSoundStacks(root: string, moving: readonly string[] = []): SoundStacks {
  const read = readSpecs(root);
  const problems = read.problems
    .map((problem) => ({ ...problem, stack: stackOfFile(problem.file, read.stacks) }))
    .filter(({ stack }) => stack === undefined || !moving.includes(stack));
  const errors = problems.filter(({ severity }) => severity === "error");
  const isLeftOut = (name: string) =>
    moving.includes(name) || errors.some(({ stack }) => stack === undefined || stack === name);
  const sound = read.stacks.filter((name) => !isLeftOut(name));
  const leftOut = new Set([...read.stacks.filter(isLeftOut), ...moving]);
  return { fleet: fleetOf(read, sound), leftOut: [...leftOut], problems };
}

/** A folder whose name is no name for a stack is a stack to nobody: its problem is everybody's. */
function stackOfFile(file: string, stacks: readonly string[]): string | undefined {
  const [, name, ...rest] = file.split("/");
  return stacks.find((stack) => stack === name && rest.length > 0);
}
