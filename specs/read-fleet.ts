import { resolve } from "node:path";
import type { Problem } from "../lib/problem.ts";
import { completeMachines } from "./complete-machines.ts";
import type { Fleet, FleetResult, Machine, StackSpecs } from "./fleet.ts";
import { listSpecFiles } from "./list-spec-files.ts";
import { readSite } from "./read-site.ts";
import { checkDefaults, problemsOf, readDefaults, readStack } from "./read-stack.ts";
import type { SiteSpec } from "./site-spec.ts";

/** What vm-specs/ holds, sound or not. */
interface SpecsRead {
  readonly root: string;
  readonly site: SiteSpec;
  /** Names of all stacks. */
  readonly stacks: readonly string[];
  /** Of use only in stacks without errors. */
  readonly machines: readonly Machine[];
  /** By file, each once. */
  readonly problems: readonly Problem[];
}

/**
 * Reads vm-specs/ of a repository: defaults merged, built-in ones filled in, every rule checked. Gives the complete fleet with
 * warnings, or every problem of every file. Writes nothing and asks nobody.
 */
export function readFleet(root: string): FleetResult {
  const read = readSpecs(root);
  const { problems } = read;
  if (problems.some(({ severity }) => severity === "error")) return { ok: false, problems };
  return { ok: true, fleet: fleetOf(read, read.stacks), warnings: problems };
}

/** Reads all files and checks all rules, whatever is wrong with them. */
export function readSpecs(root: string): SpecsRead {
  const files = listSpecFiles(root);
  const { site, isReadable, problems: siteProblems } = readSite(root, files.site);
  const defaults = readDefaults(root, files);
  const stacks = files.stacks.map((stack) => ({ name: stack.name, ...readStack(root, stack, defaults) }));
  const stackNames = stacks.map(({ name }) => name);
  const { machines, problems: ruleProblems } = completeMachines(
    stacks.flatMap((stack) => stack.machines),
    { root, site, siteIsReadable: isReadable, stacks: stackNames },
  );
  const problems = inOrder([
    ...files.problems,
    ...siteProblems,
    ...defaults.flatMap(problemsOf),
    ...checkDefaults(defaults),
    ...stacks.flatMap((stack) => stack.problems),
    ...ruleProblems,
  ]);
  return { root: resolve(root), site, stacks: stackNames, machines, problems };
}

/** The fleet of some stacks of what was read. */
export function fleetOf({ root, site, machines }: SpecsRead, stacks: readonly string[]): Fleet {
  return { root, site, stacks: stacks.map((name) => stackOf(name, machines)) };
}

function stackOf(name: string, machines: readonly Machine[]): StackSpecs {
  const own = machines.filter(({ stack }) => stack === name).toSorted((a, b) => a.spec.vmId - b.spec.vmId);
  return { name, machines: own };
}

/** By file, each problem once: one in a defaults file shows again in every machine that it reaches. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}
