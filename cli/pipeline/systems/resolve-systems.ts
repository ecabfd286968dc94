import { join } from "node:path";
import { replaceJson } from "../../../lib/json-file.ts";
import { flakeKey, isRemoteFlake } from "../../../specs/flake-key.ts";
import type { Machine } from "../../../specs/fleet.ts";
import {
  type ResolvedFlake,
  readResolvedFlakes,
  resolvedSystemsFile,
} from "../../../specs/resolved-systems.ts";
import { findObstacle, isNixHere } from "./find-obstacle.ts";
import { type NixosMachine, resolveFlake, type SystemFailure } from "./resolve-flake.ts";
import type { NixSetting } from "./run-nix.ts";

interface ResolveRequest extends NixSetting {
  /** Those whose systems are needed now. */
  readonly machines: readonly Machine[];
  /** Build what is built here. */
  readonly builds: boolean;
  /** Receives what a person should know: a sentence, or a line of Nix. */
  readonly onNote: (text: string) => void;
}

export interface Resolution {
  readonly failures: readonly SystemFailure[];
  /** Systems that are known now, evaluated now or before. */
  readonly knownCount: number;
  readonly evaluatedCount: number;
  readonly builtCount: number;
}

const noNix = "There is no nix here to evaluate the machines' systems with.";
const consequence = "So any change of the flake's files counts as one of every machine's system.";

/**
 * Evaluates the machines' systems, one flake after the other, builds those that are built here, and leaves the result to
 * the synthesis (`resolvedSystemsFile`). What is known and still holds is not evaluated again. A flake that cannot be
 * evaluated here at all is said and left out: the synthesis goes by a hash of its files.
 * @throws INTERRUPTED, COMMAND_TIMED_OUT
 */
export async function resolveSystems(request: ResolveRequest): Promise<Resolution> {
  const { root, onNote } = request;
  const groups = Map.groupBy(request.machines.flatMap(needsSystem), ({ nixos }) => nixos.flake);
  const before = readResolvedFlakes(root);
  const after = stillValid(root, before);
  const results = [];
  const hasNix = groups.size > 0 && (await isNixHere(request));
  for (const [flake, machines] of groups) {
    const obstacle = hasNix ? await findObstacle(flake, request) : noNix;
    if (obstacle !== undefined) {
      onNote(`${obstacle} ${consequence}`);
      if (!hasNix) break;
      continue;
    }
    const key = flakeKey(root, flake) ?? "";
    const known = before[flake]?.systems ?? {};
    const isFresh = after[flake] !== undefined && !isRemoteFlake(flake);
    const result = await resolveFlake({ ...request, flake, machines, known, isFresh });
    const kept = isFresh ? withoutFailed(known, result.failures) : {};
    after[flake] = { key, systems: { ...kept, ...result.systems } };
    results.push(result);
  }
  if (groups.size > 0) await replaceJson(join(root, resolvedSystemsFile), after);
  return {
    failures: results.flatMap(({ failures }) => failures),
    knownCount: sum(results.map(({ systems }) => Object.keys(systems).length)),
    evaluatedCount: sum(results.map(({ evaluatedCount }) => evaluatedCount)),
    builtCount: sum(results.map(({ builtCount }) => builtCount)),
  };
}

/** A machine that is kept stopped has no NixOS step. */
function needsSystem(machine: Machine): NixosMachine[] {
  const { nixos, lifecycle } = machine.spec;
  return nixos === false || !lifecycle.started ? [] : [{ machine, nixos }];
}

function stillValid(
  root: string,
  flakes: Readonly<Record<string, ResolvedFlake>>,
): Record<string, ResolvedFlake> {
  return Object.fromEntries(
    Object.entries(flakes).filter(([flake, { key }]) => key === flakeKey(root, flake)),
  );
}

function withoutFailed(
  systems: ResolvedFlake["systems"],
  failures: readonly SystemFailure[],
): ResolvedFlake["systems"] {
  const failed = new Set(
    failures.flatMap(({ machine }) => machine.spec.nixos || []).map(({ attribute }) => attribute),
  );
  return Object.fromEntries(Object.entries(systems).filter(([name]) => !failed.has(name)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
