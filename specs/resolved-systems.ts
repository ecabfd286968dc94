import { readFileSync } from "node:fs";
import { join } from "node:path";
import { flakeKey } from "./flake-key.ts";
import type { Machine } from "./fleet.ts";

/** What an evaluation of a machine's configuration gave. */
export interface ResolvedSystem {
  /**
   * Store path of the system as it is without the git revision in it. It changes when, and only when, something on the
   * machine would change by more than the name of the commit.
   */
  readonly identity: string;
  /** Store path of the system, with the revision at which its identity was new. */
  readonly system: string;
  /** Store path of what builds it. */
  readonly derivation: string;
  /** What it is built on, such as "x86_64-linux". */
  readonly platform: string;
  /** It was built here, so the hook need not build it. */
  readonly isBuilt: boolean;
}

/** The systems of one flake, as it was when its key was this one. */
export interface ResolvedFlake {
  /** See `flakeKey`. */
  readonly key: string;
  /** By attribute of nixosConfigurations. */
  readonly systems: Readonly<Record<string, ResolvedSystem>>;
}

/** By flake reference, as specs have it. */
export type ResolvedFlakes = Readonly<Record<string, ResolvedFlake>>;

/** The file that hands what was evaluated from `nixherd` to every later synthesis, that of cdktf included. */
export const resolvedSystemsFile = ".nixherd/systems.json";

/** What was evaluated last; nothing if there is no such file, or none that can be read as JSON. */
export function readResolvedFlakes(root: string): ResolvedFlakes {
  try {
    return JSON.parse(readFileSync(join(root, resolvedSystemsFile), "utf8")) as ResolvedFlakes;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/**
 * Finds what is known of a machine's system; undefined where its flake changed since, or was never evaluated.
 * `isCurrent` says that it was evaluated just now: a file that is saved meanwhile must not make all of it count for nothing.
 */
export function findResolvedSystems(
  root: string,
  isCurrent: boolean,
): (machine: Machine) => ResolvedSystem | undefined {
  const flakes = readResolvedFlakes(root);
  const current = new Map<string, ResolvedFlake | undefined>();
  const flakeOf = (reference: string): ResolvedFlake | undefined => {
    const known = flakes[reference];
    if (known === undefined || current.has(reference)) return current.get(reference);
    const found = isCurrent || known.key === flakeKey(root, reference) ? known : undefined;
    current.set(reference, found);
    return found;
  };
  return ({ spec }) =>
    spec.nixos === false ? undefined : flakeOf(spec.nixos.flake)?.systems[spec.nixos.attribute];
}
