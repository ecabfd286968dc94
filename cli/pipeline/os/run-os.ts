import type { MachineSelection } from "../../../guests/select-machines.ts";
import type { Machine } from "../../../specs/fleet.ts";
import type { PipelineContext } from "../context.ts";
import { exitCodeOfResults, type OsAction, onMachines } from "./on-machines.ts";
import { openFleet } from "./open-fleet.ts";
import type { OsActionName } from "./os-events.ts";
import { openReach, type Reach } from "./reach.ts";

/** One command under `nixherd os`. */
export interface OsRequest<Name extends OsActionName> {
  readonly selection: MachineSelection;
  /** Asked once, before anything is done; throws when the answer is no. */
  readonly confirm?: (machines: readonly Machine[]) => Promise<void>;
  readonly action: (reach: Reach) => OsAction<Name>;
}

/** Selects the machines, has them confirmed, works on them; gives the exit code. */
export async function runOs<Name extends OsActionName>(
  context: PipelineContext,
  { selection, confirm, action }: OsRequest<Name>,
): Promise<number> {
  const { fleet, machines } = openFleet(context.root, selection);
  const reach = openReach(fleet, context.interrupt);
  try {
    await confirm?.(machines);
    return exitCodeOfResults(await onMachines(context, machines, action(reach)));
  } finally {
    await reach.close();
  }
}
