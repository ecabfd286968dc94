/** What a system consists of: size in bytes by store path. */
export type Closure = ReadonlyMap<string, number>;

/** One package whose versions, or whose size, differ between two systems. */
export interface PackageChange {
  readonly name: string;
  readonly kind: "added" | "removed" | "changed";
  /** Versions before and after, sorted; "" is a path without a version. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** How much larger its paths are, in bytes. */
  readonly grownBytes: number;
}

/** The difference between two systems. */
export interface ClosureDiff {
  /** By name. */
  readonly packages: readonly PackageChange[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** A smaller change of size alone is noise, as for `nix store diff-closures`. */
const leastBytes = 8 * 1024;

/** Compares two systems package by package. */
export function diffClosures(before: Closure, after: Closure): ClosureDiff {
  const [old, next] = [packagesOf(before), packagesOf(after)];
  const names = [...new Set([...old.keys(), ...next.keys()])].toSorted();
  return {
    packages: names.flatMap((name) => changeOf(name, old.get(name), next.get(name)) ?? []),
    bytesBefore: sum(before.values()),
    bytesAfter: sum(after.values()),
  };
}

interface Package {
  readonly versions: readonly string[];
  readonly bytes: number;
}

function packagesOf(closure: Closure): ReadonlyMap<string, Package> {
  const parts = [...closure].map(([path, bytes]) => ({ ...nameOf(path), bytes }));
  const byName = Map.groupBy(parts, ({ name }) => name);
  return new Map(
    [...byName].map(([name, paths]) => [
      name,
      {
        versions: [...new Set(paths.map(({ version }) => version))].toSorted(),
        bytes: sum(paths.map(({ bytes }) => bytes)),
      },
    ]),
  );
}

/**
 * Name and version of a store path: the version begins at the first dash that a digit follows, as in
 * builtins.parseDrvName; a whole system is named after its host, which may end in a number.
 */
export function nameOf(storePath: string): { readonly name: string; readonly version: string } {
  const base = storePath.replace(/^\/nix\/store\/[0-9a-z]{32}-/, "");
  const [, host, release] = /^(nixos-system-.+)-([0-9][^-]*)$/.exec(base) ?? [];
  if (host !== undefined && release !== undefined) return { name: host, version: release };
  const dash = base.search(/-[0-9]/);
  return dash <= 0
    ? { name: base, version: "" }
    : { name: base.slice(0, dash), version: base.slice(dash + 1) };
}

function changeOf(
  name: string,
  before: Package | undefined,
  after: Package | undefined,
): PackageChange | undefined {
  const grownBytes = (after?.bytes ?? 0) - (before?.bytes ?? 0);
  const versions = { before: before?.versions ?? [], after: after?.versions ?? [] };
  if (before === undefined) return { name, kind: "added", ...versions, grownBytes };
  if (after === undefined) return { name, kind: "removed", ...versions, grownBytes };
  const isSame = versions.before.join("\n") === versions.after.join("\n");
  return isSame && Math.abs(grownBytes) < leastBytes
    ? undefined
    : { name, kind: "changed", ...versions, grownBytes };
}

function sum(numbers: Iterable<number>): number {
  return Iterator.from(numbers).reduce((total, number) => total + number, 0);
}
