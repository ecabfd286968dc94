import { drivesOf, isCdrom, printDrive } from "../config/drives.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { checkLock, isTemplate, type Vm } from "../state/vm.ts";
import { findVolume, removeVolume, storeVolume } from "../state/volume.ts";

/** @throws ApiError 500 for a template, a running VM, or one with snapshots. */
export function checkConvertible(vm: Vm): void {
  if (isTemplate(vm)) throw failure("you can't convert a template to a template");
  if (vm.process !== undefined) throw failure("you can't convert a VM to template if VM is running");
  if (vm.snapshots.size > 0) throw failure("unable to create template, because VM contains snapshots");
}

/** Makes a VM a template: its disks become base volumes, which no longer change. */
export function convertToTemplate(cluster: Cluster, vm: Vm): void {
  checkLock(vm);
  checkConvertible(vm);
  for (const [key, drive] of drivesOf(vm.config)) {
    const volume = isCdrom(drive) ? undefined : findVolume(cluster, vm.node, drive.file);
    const storage = volume === undefined ? undefined : cluster.storages.get(volume.storage);
    if (volume === undefined || storage === undefined) continue;
    const volid = volume.volid.replace(/([:/])vm-(\d+-[^/]*)$/, "$1base-$2");
    removeVolume(cluster, vm.node, volume.volid);
    storeVolume(cluster, storage, vm.node, { ...volume, volid });
    vm.config[key] = printDrive(key, { ...drive, file: volid });
  }
  vm.config["template"] = 1;
}
