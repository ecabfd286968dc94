import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LabVm } from "../lab-machines.ts";
import type { MachineKind } from "../machine-kind.ts";
import { noKernelLab } from "./kernel-base.ts";
import { startKernelGuests } from "./kernel-guests.ts";

/** Machines with a kernel and a clock of their own. They are emulated, which makes them slow: one runs at a time. */
export const kernelMachines: MachineKind = {
  sort: "kernel",
  missing: noKernelLab,
  start: startKernelGuests,
  patienceMs: 400_000,
  // Built outside, for nothing is gained by emulating Nix.
  environment: {
    NIXHERD_BUILD_ON: "local",
    NIXHERD_DEADLINE_SECONDS: "900",
    NIXHERD_CONFIRM_SECONDS: "300",
    NIXHERD_ROLLBACK_SECONDS: "120",
  },
};

/** What a machine has said on its serial console since it was made. */
export function readConsole(vm: LabVm): string {
  return readFileSync(join(dirname(vm.sshConfig), `lab/${vm.vmId}.console`), "latin1");
}
