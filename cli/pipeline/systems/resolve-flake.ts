import { NixherdError } from "../../../lib/errors.ts";
import type { Machine } from "../../../specs/fleet.ts";
import type { ResolvedSystem } from "../../../specs/resolved-systems.ts";
import type { NixosSpec } from "../../../specs/vm-spec.ts";
import { buildSystems, presentPaths } from "./build-systems.ts";
import { readBuildablePlatforms } from "./buildable-platforms.ts";
import { evaluateSystems } from "./evaluate-systems.ts";
import type { NixSetting } from "./run-nix.ts";

/** A machine of which NixOS is managed. */
export interface NixosMachine {
  readonly machine: Machine;
  readonly nixos: NixosSpec;
}

/** A machine whose system there is not, and why. */
export interface SystemFailure {
  readonly machine: Machine;
  /** SYSTEM_NOT_EVALUATED or SYSTEM_NOT_BUILT. */
  readonly error: NixherdError;
}

export interface FlakeRequest extends NixSetting {
  /** As the machines' specs have it. */
  readonly flake: string;
  readonly machines: readonly NixosMachine[];
  /** What earlier evaluations gave, by attribute: what is built for an identity stays what is built for it. */
  readonly known: Readonly<Record<string, ResolvedSystem>>;
  /** Is that of the flake as it is now? */
  readonly isFresh: boolean;
  /** Build what is built here. */
  readonly builds: boolean;
  /** Receives what a person should see: lines of Nix. */
  readonly onNote: (text: string) => void;
}

export interface FlakeResult {
  /** By attribute. */
  readonly systems: Readonly<Record<string, ResolvedSystem>>;
  readonly failures: readonly SystemFailure[];
  readonly evaluatedCount: number;
  readonly builtCount: number;
}

type Unbuilt = Omit<ResolvedSystem, "isBuilt">;

/**
 * Evaluates what is not known of the machines' systems, and builds those that are built here and are not yet.
 * @throws INTERRUPTED, COMMAND_TIMED_OUT
 */
export async function resolveFlake(request: FlakeRequest): Promise<FlakeResult> {
  const { known, machines } = request;
  const isBuildable = await readBuildablePlatforms(request);
  const isBuiltHere = (name: string, platform: string) =>
    machines.some(({ nixos }) => nixos.attribute === name && isPlacedHere(nixos, platform, isBuildable));
  const present = await presentPaths(pathsOf(Object.values(known)), request);
  const isUsable = (name: string, system: Unbuilt) =>
    !isBuiltHere(name, system.platform) || present.has(system.system) || present.has(system.derivation);
  const usable = Object.fromEntries(Object.entries(known).filter(([name, system]) => isUsable(name, system)));
  const { systems, errors, evaluatedCount } = await evaluateUnknown(request, usable);
  const wanted = [...systems].filter(([name, { platform }]) => isBuiltHere(name, platform));
  const { words, built, builtCount } = await build(
    request,
    wanted.map(([, system]) => system),
  );
  for (const [name, { system }] of wanted) {
    if (request.builds && !built.has(system)) errors.set(name, notBuilt(name, words));
  }
  const entries = [...systems].filter(([name]) => !errors.has(name));
  const isBuilt = (name: string, { platform, system }: Unbuilt) =>
    isBuiltHere(name, platform) && built.has(system);
  return {
    systems: Object.fromEntries(
      entries.map(([name, system]) => [name, { ...system, isBuilt: isBuilt(name, system) }]),
    ),
    failures: machines.flatMap(({ machine, nixos }) => {
      const error = errors.get(nixos.attribute);
      return error === undefined ? [] : { machine, error };
    }),
    evaluatedCount,
    builtCount,
  };
}

function isPlacedHere(
  { buildOn, activation }: NixosSpec,
  platform: string,
  isBuildable: (platform: string) => boolean,
): boolean {
  // nixos-rebuild builds by itself.
  if (activation === "nixos-rebuild") return false;
  return buildOn === "local" || (buildOn === "auto" && isBuildable(platform));
}

async function evaluateUnknown(request: FlakeRequest, usable: Readonly<Record<string, ResolvedSystem>>) {
  const { machines, isFresh } = request;
  const wanted = [...new Set(machines.map(({ nixos }) => nixos.attribute))];
  const names = isFresh ? wanted.filter((name) => usable[name] === undefined) : wanted;
  const known = Object.fromEntries(Object.entries(usable).map(([name, { identity }]) => [name, identity]));
  const evaluation = await evaluateSystems({ ...request, names, known });
  const systems = new Map<string, Unbuilt>();
  const errors = new Map<string, NixherdError>();
  for (const name of wanted) {
    const evaluated = evaluation.get(name);
    if (evaluated instanceof NixherdError) errors.set(name, evaluated);
    else {
      const { isBuilt: _, ...before } = usable[name] ?? { isBuilt: false };
      systems.set(name, { ...before, ...evaluated } as Unbuilt);
    }
  }
  return { systems, errors, evaluatedCount: names.length };
}

async function build(request: FlakeRequest, systems: readonly Unbuilt[]) {
  const before = await presentPaths(pathsOf(systems), request);
  const unbuilt = systems.filter(({ system }) => !before.has(system));
  if (!request.builds || unbuilt.length === 0) return { words: "", built: before, builtCount: 0 };
  const words = await buildSystems({
    ...request,
    derivations: unbuilt.map(({ derivation }) => derivation),
    onLine: request.onNote,
  });
  const built = await presentPaths(pathsOf(systems), request);
  return { words, built, builtCount: unbuilt.filter(({ system }) => built.has(system)).length };
}

function pathsOf(systems: readonly Unbuilt[]): string[] {
  return systems.flatMap(({ system, derivation }) => [system, derivation]);
}

function notBuilt(name: string, words: string): NixherdError {
  return new NixherdError("SYSTEM_NOT_BUILT", {
    message: `nixosConfigurations.${name} could not be built. ${words}`.trimEnd(),
    hint: "Read nix's words; nix log <derivation> has all that a failed builder printed.",
  });
}
