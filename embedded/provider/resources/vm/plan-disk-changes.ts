import type { VmApi } from "../../api/vm-api.ts";
import { inMebibytes } from "./disk-size.ts";
import { plannedDisks } from "./planned-disks.ts";
import { parseProperties } from "./property-string.ts";
import {
  isOwnedBy,
  pathInDatastore,
  type StorageDevice,
  type StorageDevices,
  storageDevices,
} from "./storage-device.ts";
import type { VmOperation } from "./vm-operation.ts";

/** Disks that change their datastore or grow. */
export interface DiskChanges {
  readonly moves: readonly { readonly slot: string; readonly datastore: string }[];
  readonly growths: readonly { readonly slot: string; readonly sizeBytes: number }[];
}

/** Compares the disks of the state with the configured ones. Throws when one would shrink. */
export async function planDiskChanges(operation: VmOperation, vm: VmApi): Promise<DiskChanges> {
  const { data, deadline } = operation;
  const before: StorageDevices = new Map();
  const after: StorageDevices = new Map();
  if (data.hasChanged("disk")) {
    for (const [slot, disk] of plannedDisks(data.before.blocks("disk"))) before.set(slot, disk);
    for (const [slot, disk] of plannedDisks(data.now.blocks("disk"))) after.set(slot, disk);
  }
  await addStateDisk(operation, vm, { block: "efi_disk", slot: "efidisk0" }, before, after);
  await addStateDisk(operation, vm, { block: "tpm_state", slot: "tpmstate0" }, before, after);
  const changes = { moves: [], growths: [] } as Writable<DiskChanges>;
  for (const [slot, old] of before) {
    const next = after.get(slot);
    if (next !== undefined) compareDisk(vm.vmid, { slot, old, next }, changes);
  }
  if (before.size === 0 && after.size === 0) return changes;
  const existing = storageDevices(await vm.config(deadline));
  for (const [slot, next] of after) {
    if (!before.has(slot)) growForeignDisk(vm.vmid, slot, existing.get(slot), next, changes);
  }
  return changes;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

interface StateDisk {
  readonly block: "efi_disk" | "tpm_state";
  readonly slot: string;
}

// The state does not know these volumes' names, and only a volume's name tells whose it is.
async function addStateDisk(
  { data, deadline }: VmOperation,
  vm: VmApi,
  { block, slot }: StateDisk,
  before: StorageDevices,
  after: StorageDevices,
): Promise<void> {
  if (!data.hasChanged(block)) return;
  const [old, next] = [data.before.block(block), data.now.block(block)];
  if (old !== undefined) {
    const text = (await vm.config(deadline))[slot];
    const volume = parseProperties(String(text ?? ""), "file").get("file");
    const datastore = old.text("datastore_id");
    before.set(slot, { volume: volume ?? `${datastore}:1`, datastore, options: {} });
  }
  if (next !== undefined) {
    const datastore = next.text("datastore_id");
    after.set(slot, { volume: `${datastore}:1`, datastore, options: {} });
  }
}

interface DiskPair {
  readonly slot: string;
  readonly old: StorageDevice;
  readonly next: StorageDevice;
}

function compareDisk(vmid: number, { slot, old, next }: DiskPair, changes: Writable<DiskChanges>): void {
  const name = `${old.datastore ?? ""}:${pathInDatastore(old) ?? ""}`;
  if (old.datastore !== next.datastore) {
    if (!isOwnedBy(old, vmid)) {
      throw new Error(
        `Cannot move ${name} to datastore ${next.datastore} in VM ${vmid} configuration, it is not owned by this VM!`,
      );
    }
    changes.moves.push({ slot, datastore: next.datastore ?? "" });
  }
  const [oldSize, newSize] = [old.size ?? 0, next.size ?? 0];
  if (oldSize === newSize) return;
  if (oldSize > newSize) throw new Error(`Cannot shrink ${name} in VM ${vmid}, it is not supported!`);
  if (!isOwnedBy(old, vmid)) {
    throw new Error(`Cannot resize ${name} in VM ${vmid}, it is not owned by this VM!`);
  }
  changes.growths.push({ slot, sizeBytes: newSize });
}

// A disk that the VM has and the state did not know grows to its configured size, without a word if it cannot.
function growForeignDisk(
  vmid: number,
  slot: string,
  current: StorageDevice | undefined,
  next: StorageDevice,
  changes: Writable<DiskChanges>,
): void {
  if (current?.size === undefined || next.size === undefined || !isOwnedBy(current, vmid)) return;
  if (inMebibytes(current.size) < inMebibytes(next.size)) {
    changes.growths.push({ slot, sizeBytes: next.size });
  }
}
