import { ensureRunning, ensureStopped, type PoweredVm, restart } from "./power.ts";
import { readVmState } from "./read-vm.ts";
import type { VmOperation } from "./vm-operation.ts";

/** What came of a wish to have the VM off: it is off, it was not needed, or reboot_after_update forbids it. */
export type PowerOffResult = "off" | "not needed" | "forbidden";

/** Powers a VM off where a change needs that; with reboot_after_update = false a running VM stays on. */
export async function powerOffFor(target: PoweredVm, isNeeded: boolean): Promise<PowerOffResult> {
  if (!isNeeded) return "not needed";
  const { status } = await target.vm.status(target.deadline);
  if (status === "stopped" || target.power.wasStopped) return "off";
  if (!target.data.now.flag("reboot_after_update")) return "forbidden";
  await ensureStopped(target);
  return "off";
}

/** Fails because a change is impossible while the VM runs, after reading it back. */
export async function refuseWhileRunning(operation: VmOperation, what: string): Promise<never> {
  await readVmState(operation);
  throw new Error(
    `cannot ${what} while the VM is running because this change requires the VM to be powered off, but automatic power-offs/reboots are disabled by 'reboot_after_update = false'`,
  );
}

/** Brings the VM to the power state that is configured, with a restart where a change waits for one. */
export async function finishPower(
  target: PoweredVm,
  change: { readonly needsPowerCycle: boolean },
): Promise<void> {
  const { now } = target.data;
  if (now.flag("template")) {
    await ensureStopped(target);
    return;
  }
  const isStopped = (await target.vm.status(target.deadline)).status === "stopped";
  if (!now.flag("started")) {
    if (target.data.hasChanged("started") && !isStopped) await ensureStopped(target);
    return;
  }
  if (isStopped) await ensureRunning(target);
  else if (change.needsPowerCycle && !target.power.wasStopped) await restartIfAllowed(target);
}

async function restartIfAllowed(target: PoweredVm): Promise<void> {
  if (target.data.now.flag("reboot_after_update")) await restart(target);
  else warnOfMissingReboot(target);
}

/** Tells that a change waits for a reboot which reboot_after_update = false forbids. */
export function warnOfMissingReboot({ warn }: PoweredVm): void {
  warn({
    severity: "WARNING",
    summary:
      "a reboot is required to apply configuration changes, but automatic reboots are disabled by 'reboot_after_update = false'. Please reboot the VM manually.",
  });
}
