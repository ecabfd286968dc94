import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { NixherdError } from "../../../lib/errors.ts";
import type { Fleet, Machine } from "../../../specs/fleet.ts";
import { readFleet } from "../../../specs/read-fleet.ts";
import type { SiteSpec } from "../../../specs/site-spec.ts";
import { readStackConfiguration } from "../../../terraform/stack-configuration.ts";
import { readManifest, stackDependencies } from "../select-stacks.ts";

/** A synthesised stack as other engines need to know it. */
export interface ExportedStack {
  readonly name: string;
  /** Folder of its specs, relative to the root; undefined for a stack that only an app of the user's own has. */
  readonly specsFolder: string | undefined;
  /** Type of the backend that keeps its state, such as "local" or "s3". */
  readonly backend: string;
  /** Names of the stacks that must be applied before it, sorted. */
  readonly dependencies: readonly string[];
  /** Hooks, modules and flakes that its specs name, relative to the root; folders end in a slash; sorted. */
  readonly sources: readonly string[];
}

/** Everything that is exported. */
export interface ExportedFleet {
  readonly site: SiteSpec;
  /** Sorted by name. */
  readonly stacks: readonly ExportedStack[];
}

/**
 * Describes the stacks of the last synthesis.
 * @throws SYNTH_FAILED, INVALID_INPUT
 */
export async function describeFleet(root: string): Promise<ExportedFleet> {
  const fleet = readSoundFleet(root);
  const dependencies = await stackDependencies(root);
  const stacks = [...(await readManifest(root))].map(async ([name, folder]): Promise<ExportedStack> => {
    const { terraform } = await readStackConfiguration(folder);
    const specsFolder = posix.join("vm-specs", name);
    const machines = fleet.stacks.find((stack) => stack.name === name)?.machines ?? [];
    return {
      name,
      specsFolder: existsSync(join(root, specsFolder)) ? specsFolder : undefined,
      backend: Object.keys(terraform["backend"] ?? {})[0] ?? "local",
      dependencies: dependencies.get(name) ?? [],
      sources: [...new Set(machines.flatMap(sourcesOf))].toSorted(),
    };
  });
  return { site: fleet.site, stacks: await Promise.all(stacks) };
}

function readSoundFleet(root: string): Fleet {
  const result = readFleet(root);
  if (result.ok) return result.fleet;
  throw new NixherdError("INVALID_INPUT", {
    message: "The specs have problems, so nothing was exported.",
    hint: "nixherd validate lists them.",
  });
}

function sourcesOf({ spec }: Machine): string[] {
  const hooks = spec.hooks.postApply;
  return spec.nixos === false
    ? [...hooks]
    : [...hooks, ...spec.nixos.modules, ...flakeFolder(spec.nixos.flake)];
}

/** The repository's own flake is in the list of every stack, and one elsewhere is no file of the repository. */
function flakeFolder(flake: string): string[] {
  const isElsewhere = flake.includes(":") || flake.startsWith("/") || flake.startsWith("..");
  const folder = posix.normalize(`${flake}/`);
  return isElsewhere || folder === "./" ? [] : [folder];
}
