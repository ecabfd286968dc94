import type { VmConfig } from "../../api/vm-api.ts";
import { plannedDisks } from "./planned-disks.ts";
import { addDevices, isCloudInitDrive, type StorageDevice, storageDevices } from "./storage-device.ts";
import type { ConfigChange } from "./update-config-body.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * Adds every configured disk to the request when any has changed, and removes those that are not configured.
 * Sizes are changed by calls of their own; `format` of an existing volume is never sent again.
 */
export function changeDisks({ data }: VmOperation, config: VmConfig, change: ConfigChange): void {
  const planned = plannedDisks(data.now.blocks("disk"));
  if (!data.hasChanged("disk")) return;
  const existing = storageDevices(config);
  for (const [slot, device] of existing) {
    if (!planned.has(slot) && isDisk(device, Number(data.id))) {
      refuseBootDisk(slot, data.now.texts("boot_order"));
      change.body.removed.push(slot);
    }
  }
  for (const [slot, disk] of planned) {
    const current = existing.get(slot);
    if (current === undefined) addNewDisk(change, slot, disk);
    else changeDisk(change, slot, current, disk);
  }
  addDevices(change.body.values, change.disks);
}

function isDisk(device: StorageDevice, vmid: number): boolean {
  return device.media !== "cdrom" && !isCloudInitDrive(device, vmid);
}

function refuseBootDisk(slot: string, bootOrder: readonly string[]): void {
  if (!bootOrder.includes(slot)) return;
  throw new Error(
    `cannot delete boot disk "${slot}". Please remove it from boot order first or change boot order before deleting`,
  );
}

function addNewDisk(change: ConfigChange, slot: string, disk: StorageDevice): void {
  if ((disk.fileId ?? "") !== "") throw new Error(`creating custom disk: ${slot} would be imported over SSH`);
  const { size: _, ...unsized } = disk;
  change.disks.set(slot, unsized);
}

function changeDisk(change: ConfigChange, slot: string, current: StorageDevice, disk: StorageDevice): void {
  const isReplugged = ["aio", "queues"].some((key) => current.options[key] !== disk.options[key]);
  if (isReplugged) change.needsPowerCycle = true;
  const { size: _size, format: _format, ...kept } = current;
  change.disks.set(slot, { ...kept, options: disk.options });
}
