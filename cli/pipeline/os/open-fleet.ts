import { type MachineSelection, selectMachines } from "../../../guests/select-machines.ts";
import { NixherdError } from "../../../lib/errors.ts";
import { formatProblem } from "../../../lib/problem.ts";
import type { Fleet, Machine } from "../../../specs/fleet.ts";
import { readFleet } from "../../../specs/read-fleet.ts";

/** The machines to work on, and the fleet that they are of. */
export interface SelectedMachines {
  readonly fleet: Fleet;
  readonly machines: readonly Machine[];
}

/** @throws INVALID_INPUT with every problem of the specs; USAGE when nothing is selected */
export function openFleet(root: string, selection: MachineSelection): SelectedMachines {
  const result = readFleet(root);
  if (!result.ok) {
    const errors = result.problems.filter(({ severity }) => severity === "error").map(formatProblem);
    throw new NixherdError("INVALID_INPUT", {
      message: ["The specs have problems:", ...errors].join("\n"),
      hint: "Correct them first: they say which machines there are.",
    });
  }
  const all = result.fleet.stacks.flatMap(({ machines }) => machines);
  return { fleet: result.fleet, machines: selectMachines(all, selection) };
}
