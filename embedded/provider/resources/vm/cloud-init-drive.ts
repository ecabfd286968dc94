import type { Deadline } from "../../api/deadline.ts";
import type { VmApi, VmConfig } from "../../api/vm-api.ts";
import { isCloudInitDrive, storageDevices } from "./storage-device.ts";

/** The slot of the VM's own cloud-init drive, if it has one. A drive that the template left behind does not count. */
export function existingCloudInitSlot(config: VmConfig, vmid: number): string | undefined {
  const found = [...storageDevices(config)].find(([, device]) => isCloudInitDrive(device, vmid));
  return found?.[0];
}

/** Removes the drives in these slots, empty or not; slots named twice or not at all are left out. */
export async function deleteDrives(vm: VmApi, slots: readonly string[], deadline: Deadline): Promise<void> {
  const unique = [...new Set(slots)].filter((slot) => slot !== "");
  await vm.update({ delete: unique.join(",") }, deadline);
}
