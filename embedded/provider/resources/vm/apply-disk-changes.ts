import { expectSuccess } from "../../api/tasks.ts";
import { isHotpluggable } from "./hotplug.ts";
import type { DiskChanges } from "./plan-disk-changes.ts";
import type { PoweredVm } from "./power.ts";
import { powerOffFor, refuseWhileRunning, warnOfMissingReboot } from "./power-policy.ts";
import { addDevices } from "./storage-device.ts";
import type { ConfigChange } from "./update-config-body.ts";
import type { VmOperation } from "./vm-operation.ts";

/** Moves and grows disks, with the VM off where a move or an earlier change needs that. */
export async function applyDiskChanges(
  operation: VmOperation,
  target: PoweredVm,
  change: ConfigChange,
  disks: DiskChanges,
): Promise<void> {
  const { data, deadline, warn } = operation;
  const isTemplate = data.now.flag("template");
  if (disks.moves.length > 0 && !isTemplate && (await powerOffFor(target, true)) === "forbidden") {
    await refuseWhileRunning(operation, "move disks between datastores");
  }
  for (const { slot, datastore } of disks.moves) {
    const parameters = { delete: "1", disk: slot, storage: datastore };
    expectSuccess(await target.vm.moveDisk(parameters, deadline), "VM disk move", warn);
  }
  const pending = await powerOffFor(target, !isTemplate && change.needsPowerCycle);
  if (pending === "off" || pending === "forbidden") change.needsPowerCycle = false;
  if (pending === "forbidden") {
    warnOfMissingReboot(target);
    if (disks.growths.length > 0) await refuseWhileRunning(operation, "resize disks");
    return;
  }
  for (const { slot, sizeBytes } of disks.growths) {
    expectSuccess(await target.vm.resize(slot, sizeBytes, deadline), "VM disk resize", warn);
  }
  if (disks.growths.length > 0) await resendGrownDisks(operation, target, change, disks);
}

// Without this a change of options that waits for a power cycle would bring the old size back with it.
async function resendGrownDisks(
  { data, deadline }: VmOperation,
  target: PoweredVm,
  change: ConfigChange,
  disks: DiskChanges,
): Promise<void> {
  const grown = new Set(disks.growths.map(({ slot }) => slot));
  const values = new Map<string, string>();
  addDevices(values, new Map([...change.disks].filter(([slot]) => grown.has(slot))));
  if (values.size > 0) await target.vm.update(Object.fromEntries(values), deadline);
  const isLive = data.now.flag("template") || !data.now.flag("started") || isHotpluggable(data.now, "disk");
  if (!isLive) change.needsPowerCycle = true;
}
