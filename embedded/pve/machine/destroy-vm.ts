import { drivesOf } from "../config/drives.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { checkLock, type Vm } from "../state/vm.ts";
import { findVolume, removeVolume } from "../state/volume.ts";
import { checkUnreferenced, forgetVm, purgeVm } from "./forget-vm.ts";

function checkNoLinkedClones(cluster: Cluster, volids: readonly string[]): void {
  for (const volid of volids) {
    if ([...cluster.volumes.values()].some((volume) => volume.parent === volid)) {
      throw failure(`base volume '${volid}' is still in use by linked cloned`);
    }
  }
}

/** Volumes that the VM's configuration and snapshots name and that belong to it. */
function namedVolumes(cluster: Cluster, vm: Vm): string[] {
  const configs = [vm.config, vm.pending, ...[...vm.snapshots.values()].map((snapshot) => snapshot.config)];
  const drives = configs.flatMap((config) => drivesOf(config).map(([, drive]) => drive.file));
  const unused = Object.keys(vm.config)
    .filter((key) => key.startsWith("unused"))
    .map((key) => String(vm.config[key]));
  return [...drives, ...unused].filter((volid) => findVolume(cluster, vm.node, volid)?.vmid === vm.vmid);
}

/** Removes every trace of a VM whose creation did not succeed. */
export function discardVm(cluster: Cluster, vm: Vm): void {
  removeAllVolumes(cluster, vm.vmid);
  cluster.vms.delete(vm.vmid);
}

function removeAllVolumes(cluster: Cluster, vmid: number): void {
  for (const [key, volume] of cluster.volumes) if (volume.vmid === vmid) cluster.volumes.delete(key);
}

interface DestroyOptions {
  /** Forget the VM in related configuration too. */
  readonly purge: boolean;
  /** Also destroy its volumes that no configuration names. */
  readonly unreferencedDisks: boolean;
}

/** @throws ApiError 500 for a VM that is protected or running, or, without `purge`, in HA or replicated. */
export function checkDestroyable(cluster: Cluster, vm: Vm, purge: boolean): void {
  if (vm.config["protection"] === 1) throw failure(`can't remove VM ${vm.vmid} - protection mode enabled`);
  if (!purge) checkUnreferenced(cluster, vm.vmid);
  if (vm.process !== undefined) throw failure(`VM ${vm.vmid} is running - destroy failed`);
}

/**
 * Destroys a VM with its volumes.
 *
 * @throws ApiError while it is locked, protected or running, or linked clones read its disks.
 */
export async function destroyVm(
  cluster: Cluster,
  vm: Vm,
  options: DestroyOptions,
  log: (line: string) => void,
): Promise<void> {
  checkLock(vm);
  checkDestroyable(cluster, vm, options.purge);
  const named = namedVolumes(cluster, vm);
  checkNoLinkedClones(cluster, named);
  for (const volid of named) removeVolume(cluster, vm.node, volid);
  if (options.unreferencedDisks) removeAllVolumes(cluster, vm.vmid);
  forgetVm(cluster, vm.vmid);
  if (options.purge) purgeVm(cluster, vm.vmid, log);
  await cluster.guests.destroy(vm.vmid);
  cluster.vms.delete(vm.vmid);
}
