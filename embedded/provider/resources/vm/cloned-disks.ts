import { withContext } from "../../api/api-error.ts";
import { expectSuccess } from "../../api/tasks.ts";
import type { VmApi, VmConfig } from "../../api/vm-api.ts";
import { ProviderCrash } from "../../failure.ts";
import { formatDiskSize, inMebibytes } from "./disk-size.ts";
import { plannedDisks } from "./planned-disks.ts";
import { addDevices, datastoreOf, type StorageDevice, storageDevices } from "./storage-device.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * Brings a clone's disks to what is configured: options, datastore, size; disks that the template lacks are added.
 * Without disk blocks nothing is done.
 */
export async function updateClonedDisks(operation: VmOperation, vm: VmApi, config: VmConfig): Promise<void> {
  const existing = storageDevices(config);
  for (const [slot, planned] of plannedDisks(operation.data.now.blocks("disk"))) {
    const current = existing.get(slot);
    if (current === undefined) await sendDisk(operation, vm, slot, planned);
    else await updateDisk(operation, vm, slot, current, planned);
  }
}

async function updateDisk(
  operation: VmOperation,
  vm: VmApi,
  slot: string,
  current: StorageDevice,
  planned: StorageDevice,
): Promise<void> {
  const { deadline, warn } = operation;
  const [oldSize, newSize] = [current.size ?? 0, planned.size ?? 0];
  if (inMebibytes(newSize) < inMebibytes(oldSize)) {
    const sizes = `requested size (${formatDiskSize(newSize)}) is lower than current size (${formatDiskSize(oldSize)})`;
    throw new Error(`disk resize failure: ${sizes}`);
  }
  if ((planned.importFrom ?? "") !== "") {
    throw new ProviderCrash(
      `bpg/proxmox 0.111.1 crashes on import_from for ${slot}, a disk that the template has`,
    );
  }
  // Always something differs: the provider compares what the server leaves out with what is configured.
  await sendDisk(operation, vm, slot, {
    ...current,
    options: { ...current.options, ...planned.options },
  });
  if (planned.datastore !== "" && planned.datastore !== datastoreOf(current)) {
    const parameters = { delete: "1", disk: slot, storage: planned.datastore ?? "" };
    expectSuccess(await vm.moveDisk(parameters, deadline), "Disk move", warn);
  }
  if (inMebibytes(newSize) > inMebibytes(oldSize)) {
    expectSuccess(await vm.resize(slot, newSize, deadline), "Disk resize", warn);
  }
}

async function sendDisk(
  { deadline }: VmOperation,
  vm: VmApi,
  slot: string,
  device: StorageDevice,
): Promise<void> {
  const values = new Map<string, string>();
  addDevices(values, new Map([[slot, device]]));
  try {
    await vm.update(Object.fromEntries(values), deadline);
  } catch (error) {
    throw withContext("disk update fails", error);
  }
}
