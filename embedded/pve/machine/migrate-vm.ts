import { drivesOf, printDrive } from "../config/drives.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { PveStorage } from "../state/storage.ts";
import type { Vm, VmConfig } from "../state/vm.ts";
import {
  createImage,
  findVolume,
  imageVolid,
  nextDiskName,
  removeVolume,
  type Volume,
  volumeNameOf,
} from "../state/volume.ts";

/** The VM's volumes that only its own node can see. */
export function localDisksOf(cluster: Cluster, vm: Vm): Volume[] {
  return [...cluster.volumes.values()].filter((volume) => volume.vmid === vm.vmid && volume.node === vm.node);
}

interface Migration {
  readonly target: string;
  /** Storage for the copied volumes; undefined keeps each where it is. */
  readonly storage: string | undefined;
  readonly log: (line: string) => void;
}

function storageFor(cluster: Cluster, volume: Volume, { storage }: Migration): PveStorage {
  const name = storage ?? volume.storage;
  const found = cluster.storages.get(name);
  if (found === undefined) throw failure(`storage '${name}' does not exist`);
  return found;
}

/** A volume keeps its name unless the target has another of it. */
function copyVolume(cluster: Cluster, vm: Vm, volume: Volume, migration: Migration): Volume {
  const { target: node, log } = migration;
  const storage = storageFor(cluster, volume, migration);
  const [file = ""] = volumeNameOf(volume.volid).split("/").slice(-1);
  const { format, sizeBytes, usedBytes = sizeBytes } = volume;
  const image = {
    storage,
    node,
    vmid: vm.vmid,
    name: file.replace(/\.\w+$/, ""),
    format,
    sizeBytes,
    usedBytes,
  };
  const isTaken = findVolume(cluster, node, imageVolid(image)) !== undefined;
  log(`copying local disk image: '${volume.volid}'`);
  return createImage(
    cluster,
    isTaken ? { ...image, name: nextDiskName(cluster, storage, node, vm.vmid) } : image,
  );
}

/** Copies volumes to the target, original to copy; when one cannot be, the copies so far are removed. */
function copyVolumes(
  cluster: Cluster,
  vm: Vm,
  originals: readonly Volume[],
  migration: Migration,
): ReadonlyMap<string, string> {
  const copies = new Map<string, string>();
  try {
    for (const volume of originals)
      copies.set(volume.volid, copyVolume(cluster, vm, volume, migration).volid);
  } catch (error) {
    for (const volid of copies.values()) removeVolume(cluster, migration.target, volid);
    throw error;
  }
  return copies;
}

/** Puts the copies' names in the places of the originals'. */
function renameVolumes(config: VmConfig, copies: ReadonlyMap<string, string>): void {
  for (const [key, drive] of drivesOf(config)) {
    const copy = copies.get(drive.file);
    if (copy !== undefined) config[key] = printDrive(key, { ...drive, file: copy });
  }
  for (const key of Object.keys(config)) {
    const copy = copies.get(String(config[key]));
    if (key.startsWith("unused") && copy !== undefined) config[key] = copy;
  }
}

function checkUnlinked(locals: readonly Volume[]): void {
  const linked = locals.find((volume) => volume.parent !== undefined);
  if (linked === undefined) return;
  throw failure(
    `can't migrate local disk '${linked.volid}': clone of a base volume that the target does not have`,
  );
}

/**
 * Moves a VM, running or not, to another node: its local volumes are copied there, then removed here.
 *
 * @throws ApiError 500 for linked clones on local storage, whose base the target does not have.
 */
export function migrateVm(cluster: Cluster, vm: Vm, migration: Migration): void {
  const locals = localDisksOf(cluster, vm);
  checkUnlinked(locals);
  const copies = copyVolumes(cluster, vm, locals, migration);
  const snapshots = [...vm.snapshots.values()].map(({ config }) => config);
  for (const config of [vm.config, vm.pending, ...snapshots]) renameVolumes(config, copies);
  for (const { volid } of locals) removeVolume(cluster, vm.node, volid);
  vm.node = migration.target;
}
