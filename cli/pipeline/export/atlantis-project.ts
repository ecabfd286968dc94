import { matchesGlob, posix } from "node:path";
import { atlantisWorkflow } from "./atlantis-workflow.ts";
import type { ExportedFleet, ExportedStack } from "./exported-stack.ts";

/**
 * What a synthesis may read beside the specs of a stack, relative to the root. Keys are in the specs already when they
 * have been read, so their files are known by their usual names alone.
 */
const sharedSources = [
  "vm-specs/_*.json",
  "vm-specs/_host-keys/**",
  "keys/**",
  "**/*.pub",
  "**/*.nix",
  "flake.lock",
  "nix/**",
  "scripts/hooks/**",
  "constructs/**",
  "stacks/**",
  "specs/**",
  "lib/**",
  "packages/**",
  "cdktf.json",
  "package.json",
  "package-lock.json",
];

/** Name of the workflow that the projects use; a server may define its own of this name. */
const workflow = "nixherd";

/**
 * What atlantis.yaml has to say: a project for each stack, which is planned when a pull request changes a file that the
 * stack is made from, and the workflow that they share. A project's folder is that of the specs, since the synthesised
 * one is not in git. Keys and forms as Atlantis 0.45 reads them (server/core/config/raw).
 */
export function atlantisProject({ site, stacks }: ExportedFleet): object {
  return {
    version: 3,
    projects: stacks.map((stack) => project(stack, site.policy.checks)),
    workflows: { [workflow]: atlantisWorkflow(site.terraform.parallelism) },
  };
}

function project(
  { name, specsFolder, dependencies, sources }: ExportedStack,
  checks: readonly string[],
): object {
  const folder = specsFolder ?? ".";
  const named = [...sources, ...checks].map((path) => (path.endsWith("/") ? `${path}**` : path));
  const shared = [...new Set([...sharedSources, ...named])].filter((pattern) => !isCovered(pattern));
  return {
    name,
    dir: folder,
    workflow,
    autoplan: {
      when_modified: [
        specsFolder === undefined ? "vm-specs/**" : "**",
        ...shared.map((pattern) => posix.relative(folder, pattern)),
      ],
    },
    ...(dependencies.length === 0 ? {} : { depends_on: dependencies }),
  };
}

/** Whether a file or folder that specs name is in what every stack is made from. */
function isCovered(path: string): boolean {
  return sharedSources.some((shared) => shared !== path && matchesGlob(path, shared));
}
