import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { MachineSelection } from "../../../guests/select-machines.ts";
import { NixherdError } from "../../../lib/errors.ts";
import type { Machine } from "../../../specs/fleet.ts";
import type { PipelineContext } from "../context.ts";
import { activationAction, refuseLeftAlone } from "./activate.ts";
import { type CandidateFlake, updateCandidate } from "./candidate-flake.ts";
import { exitCodeOfResults, onMachines } from "./on-machines.ts";
import { openFleet } from "./open-fleet.ts";
import { diffAction } from "./prepare.ts";
import { openReach, type Reach } from "./reach.ts";

export interface UpgradeRequest {
  readonly selection: MachineSelection;
  /** Names of inputs; empty means all. */
  readonly inputs: readonly string[];
  readonly parallel: number;
  readonly skipsHealth: boolean;
  /** Asked once, after the differences were told; throws when the answer is no. */
  readonly confirm: (machines: readonly Machine[]) => Promise<void>;
}

/**
 * Updates the inputs of the machines' flakes in copies, tells what would change on each machine, has that confirmed, and
 * only then changes flake.lock and switches the machines; gives the exit code.
 * @throws USAGE, NIX_MISSING, FLAKE_NOT_UPDATED, NEEDS_CONFIRMATION
 */
export async function upgrade(context: PipelineContext, request: UpgradeRequest): Promise<number> {
  const { root, interrupt } = context;
  const { fleet, machines } = openFleet(root, request.selection);
  const folders = new Set(machines.map((machine) => flakeFolder(root, machine)));
  const reach = openReach(fleet, interrupt);
  const candidates: CandidateFlake[] = [];
  try {
    for (const folder of folders) candidates.push(await updateCandidate(folder, request.inputs, interrupt));
    const newer = candidates.filter(({ isNewer }) => isNewer);
    return await switchTo(newer, machines, request, reach, context);
  } finally {
    for (const candidate of candidates) await candidate.remove();
    await reach.close();
  }
}

async function switchTo(
  newer: readonly CandidateFlake[],
  machines: readonly Machine[],
  request: UpgradeRequest,
  reach: Reach,
  context: PipelineContext,
): Promise<number> {
  const { root, report } = context;
  const affected = machines.filter((machine) => candidateOf(root, machine, newer) !== undefined);
  if (affected.length === 0) {
    report({ event: "note", text: "The inputs are up to date: nothing was changed." });
    return 0;
  }
  const copyOf = (machine: Machine) => candidateOf(root, machine, newer)?.copy ?? "";
  const compared = exitCodeOfResults(
    await onMachines(context, affected, diffAction(reach, context, request.parallel, copyOf)),
  );
  if (compared !== 0) {
    report({ event: "note", text: "Not every machine could be compared: nothing was changed." });
    return compared;
  }
  await request.confirm(affected);
  for (const candidate of newer) await candidate.accept();
  const locks = newer.map(({ folder }) => `${folder}/flake.lock`).join(", ");
  report({ event: "note", text: `Updated ${locks}: commit it, or go back with git checkout.` });
  const upgraded = await onMachines(context, affected, activationAction("upgrade", reach, context, request));
  return exitCodeOfResults(upgraded);
}

function candidateOf(
  root: string,
  machine: Machine,
  candidates: readonly CandidateFlake[],
): CandidateFlake | undefined {
  return candidates.find(({ folder }) => folder === flakeFolder(root, machine));
}

/**
 * The folder of a machine's flake.
 * @throws USAGE for a machine whose flake is elsewhere
 */
function flakeFolder(root: string, machine: Machine): string {
  refuseLeftAlone(machine);
  const { name, spec } = machine;
  const flake = spec.nixos === false ? "" : spec.nixos.flake;
  const folder = resolve(root, flake);
  if (existsSync(folder)) return folder;
  throw new NixherdError("USAGE", {
    message: `The flake of ${name} (${spec.vmId}) is ${flake}, whose inputs cannot be updated from here.`,
    hint: "Update it where it is kept, then run nixherd os switch.",
  });
}
