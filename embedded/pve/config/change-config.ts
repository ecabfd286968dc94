import type { Cluster } from "../state/cluster.ts";
import type { Vm } from "../state/vm.ts";
import { findVolume, removeVolume } from "../state/volume.ts";
import { type Drive, isCdrom, isCloudInitFile, isDriveKey, parseDrive } from "./drives.ts";

function firstFreeUnused(vm: Vm): string {
  let index = 0;
  while (vm.config[`unused${index}`] !== undefined) index += 1;
  return `unused${index}`;
}

function isOwnVolume(cluster: Cluster, vm: Vm, volid: string): boolean {
  return findVolume(cluster, vm.node, volid)?.vmid === vm.vmid;
}

/** Takes a drive off a VM: its cloud-init volume is removed, a disk of its own stays as `unusedN`. */
export function detachDrive(cluster: Cluster, vm: Vm, drive: Drive): void {
  if (isCloudInitFile(drive.file)) removeVolume(cluster, vm.node, drive.file);
  else if (!isCdrom(drive) && isOwnVolume(cluster, vm, drive.file))
    vm.config[firstFreeUnused(vm)] = drive.file;
}

/** Attaching a volume again ends its life as `unusedN`. */
function dropUnused(vm: Vm, volid: string): void {
  for (const key of Object.keys(vm.config)) {
    if (key.startsWith("unused") && vm.config[key] === volid) delete vm.config[key];
  }
}

/** Sets a key in the current configuration; a drive that it replaces is detached. An empty text removes the key. */
export function setKey(cluster: Cluster, vm: Vm, key: string, value: string | number): void {
  const before = vm.config[key];
  vm.config[key] = value;
  if (value === "") delete vm.config[key];
  if (!isDriveKey(key)) return;
  const drive = parseDrive(key, String(value));
  dropUnused(vm, drive.file);
  const old = before === undefined ? undefined : parseDrive(key, String(before));
  if (old !== undefined && old.file !== drive.file) detachDrive(cluster, vm, old);
}

/** Removes a key from the current configuration; `force` destroys the disk that it held. */
export function deleteKey(cluster: Cluster, vm: Vm, key: string, force: boolean): void {
  const before = vm.config[key];
  if (before === undefined) return;
  delete vm.config[key];
  if (/^unused\d+$/.test(key)) removeVolume(cluster, vm.node, String(before));
  if (!isDriveKey(key)) return;
  const drive = parseDrive(key, String(before));
  if (force && isOwnVolume(cluster, vm, drive.file)) removeVolume(cluster, vm.node, drive.file);
  else detachDrive(cluster, vm, drive);
}

/** Forgets waiting changes that would change nothing. */
export function dropIdlePending(vm: Vm): void {
  for (const key of Object.keys(vm.pending)) if (vm.pending[key] === vm.config[key]) delete vm.pending[key];
  for (const key of vm.pendingDelete.keys()) if (vm.config[key] === undefined) vm.pendingDelete.delete(key);
}

/** Applies every waiting change, as the server does when the VM is not running. */
export function applyPending(cluster: Cluster, vm: Vm): void {
  for (const [key, force] of vm.pendingDelete) deleteKey(cluster, vm, key, force);
  for (const [key, value] of Object.entries(vm.pending)) setKey(cluster, vm, key, value);
  vm.pendingDelete.clear();
  vm.pending = {};
}

/** The configuration with its waiting changes, as `GET .../config` shows it. */
export function configWithPending(vm: Vm): Record<string, string | number> {
  const merged = { ...vm.config, ...vm.pending };
  for (const key of vm.pendingDelete.keys()) delete merged[key];
  return merged;
}
