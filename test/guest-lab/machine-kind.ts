import { noLab } from "./lab-base.ts";
import { type LabGuests, startLabGuests } from "./lab-guests.ts";
import type { MachineSort } from "./start-lab.ts";

/** A sort of machines that a lab can have. */
export interface MachineKind {
  readonly sort: MachineSort;
  /** Why there are none here; empty where there are. */
  readonly missing: string;
  start(folder: string, keyFile: string): Promise<LabGuests>;
  /** How long a machine may take to come to a state that it is to come to. */
  readonly patienceMs: number;
  /** What the hook is told of machines that are that fast. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Machines that are namespaces, all on this computer's kernel. */
export const namespaceMachines: MachineKind = {
  sort: "namespace",
  missing: noLab,
  start: startLabGuests,
  patienceMs: 60_000,
  environment: {
    NIXHERD_BUILD_ON: "target",
    NIXHERD_DEADLINE_SECONDS: "45",
    NIXHERD_CONFIRM_SECONDS: "30",
    NIXHERD_ROLLBACK_SECONDS: "40",
  },
};
