import { drivesOf, isCdrom, isCloudInitFile } from "../config/drives.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { checkLock, type Snapshot, type Vm, type VmConfig } from "../state/vm.ts";
import { findVolume } from "../state/volume.ts";
import { startVm } from "./start-vm.ts";
import { powerOff } from "./stop-vm.ts";

/** Raw files in a directory are the one kind of disk that cannot be snapshot. */
function canSnapshot(cluster: Cluster, vm: Vm): boolean {
  return drivesOf(vm.config).every(([, drive]) => {
    const volume = isCdrom(drive) ? undefined : findVolume(cluster, vm.node, drive.file);
    const style = volume === undefined ? undefined : cluster.storages.get(volume.storage)?.style;
    return volume === undefined || style !== "dir" || volume.format === "qcow2";
  });
}

/** @throws ApiError 500 when the VM has no snapshot of that name. */
export function getSnapshot(vm: Vm, name: string): Snapshot {
  const snapshot = vm.snapshots.get(name);
  if (snapshot === undefined) throw failure(`snapshot '${name}' does not exist`);
  return snapshot;
}

interface NewSnapshot {
  readonly name: string;
  readonly description: string | undefined;
  readonly log: (line: string) => void;
}

/** Keeps the VM's configuration under a name. Disk contents are not kept: embedded disks have none. */
export function takeSnapshot(cluster: Cluster, vm: Vm, { name, description, log }: NewSnapshot): void {
  checkLock(vm);
  if (vm.snapshots.has(name)) throw failure(`snapshot name '${name}' already used`);
  if (!canSnapshot(cluster, vm)) throw failure("snapshot feature is not available");
  for (const [key, drive] of drivesOf(vm.config)) {
    if (!isCdrom(drive) && !isCloudInitFile(drive.file)) log(`snapshotting 'drive-${key}' (${drive.file})`);
  }
  const takenAtSeconds = cluster.clock.nowSeconds();
  vm.snapshots.set(name, {
    name,
    description,
    parent: vm.parentSnapshot,
    takenAtSeconds,
    config: { ...vm.config },
  });
  vm.parentSnapshot = name;
}

/** Forgets a snapshot; its children move up to its parent. */
export function removeSnapshot(vm: Vm, name: string): void {
  checkLock(vm);
  const { parent } = getSnapshot(vm, name);
  vm.snapshots.delete(name);
  if (vm.parentSnapshot === name) vm.parentSnapshot = parent;
  for (const [key, snapshot] of vm.snapshots) {
    if (snapshot.parent === name) vm.snapshots.set(key, { ...snapshot, parent });
  }
}

/**
 * A rollback keeps the description and the unused volumes. A drive that was added after the snapshot is named by nothing
 * then; only a destroy with `destroy-unreferenced-disks` finds its volume (pve-guest-common 5, AbstractConfig).
 */
function configAfterRollback({ config }: Vm, snapshot: Snapshot): VmConfig {
  const isKept = (key: string): boolean => /^unused\d+$/.test(key) || key === "description";
  const restored = Object.entries(snapshot.config).filter(([key]) => !isKept(key));
  const named = new Set(drivesOf(snapshot.config).map(([, drive]) => drive.file));
  const kept = Object.entries(config).filter(([key, value]) => isKept(key) && !named.has(String(value)));
  return Object.fromEntries([...restored, ...kept]);
}

/** Stops the VM and takes its configuration back to a snapshot's. */
export async function rollBack(cluster: Cluster, vm: Vm, name: string, start: boolean): Promise<void> {
  checkLock(vm);
  const snapshot = getSnapshot(vm, name);
  await powerOff(cluster, vm);
  vm.config = configAfterRollback(vm, snapshot);
  vm.pending = {};
  vm.pendingDelete.clear();
  vm.parentSnapshot = name;
  if (start) await startVm(cluster, vm, { log: () => undefined, signal: new AbortController().signal });
}
