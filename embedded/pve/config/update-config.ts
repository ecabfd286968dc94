import { type Caller, isRoot } from "../access/caller.ts";
import type { Parameters } from "../check/check-parameters.ts";
import { parsePropertyString } from "../check/parse-property-string.ts";
import { splitList } from "../check/split-list.ts";
import { badParameters, failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { checkLock, type Vm, type VmConfig } from "../state/vm.ts";
import { findVolume } from "../state/volume.ts";
import { allocateDrive, checkDriveStorages } from "./allocate-drive.ts";
import { applyPending, configWithPending, detachDrive, dropIdlePending } from "./change-config.ts";
import { cloudInitValues, writeCloudInit } from "./cloud-init.ts";
import { checkDigest } from "./config-digest.ts";
import { checkConfigPrivileges, checkDriveChange } from "./config-privileges.ts";
import { formatOf, isCloudInitDrive, isDriveKey, parseDrive } from "./drives.ts";
import { hotplugPending } from "./hotplug.ts";
import { normalizeValue } from "./normalize-value.ts";
import { checkSshKeys } from "./ssh-keys.ts";

/** A checked request to change a VM's configuration. */
export interface ConfigChange {
  readonly set: Readonly<VmConfig>;
  readonly delete: readonly string[];
  readonly revert: readonly string[];
  readonly digest: string | undefined;
  /** Disks of deleted keys are destroyed instead of kept as `unusedN`. */
  readonly force: boolean;
  /** Who must be allowed to touch the drives that change; undefined where that was checked before. */
  readonly caller?: Caller;
}

/** Parameters of the update call that are no configuration. */
const controls = new Set(
  splitList("node vmid delete revert digest force skiplock background_delay import-working-storage"),
);

/** Splits an update call's parameters into what to set, delete and revert. */
export function toConfigChange(parameters: Parameters): ConfigChange {
  return {
    set: Object.fromEntries(Object.entries(parameters).filter(([key]) => !controls.has(key))),
    delete: splitList(parameters["delete"]),
    revert: splitList(parameters["revert"]),
    digest: parameters["digest"] === undefined ? undefined : String(parameters["digest"]),
    force: parameters["force"] === 1,
  };
}

/** @throws ApiError 400 for a key that is to be set, deleted or reverted in one call (qemu-server 9, update_vm_api). */
function checkConflicts({ set, delete: deleted, revert }: ConfigChange): void {
  const refuse = (parameter: string, one: string, other: string): never => {
    throw badParameters({ [parameter]: `you can't use '${one}' and '${other}' at the same time` });
  };
  for (const key of revert) if (set[key] !== undefined) refuse("delete", `-${key}`, `-revert ${key}`);
  for (const key of deleted) {
    if (set[key] !== undefined) refuse("delete", `-${key}`, `-delete ${key}`);
    if (revert.includes(key)) refuse("revert", `-delete ${key}`, `-revert ${key}`);
  }
}

function checkHookScript(cluster: Cluster, node: string, volid: string): void {
  if (findVolume(cluster, node, volid) === undefined) {
    throw badParameters({ hookscript: `script '${volid}' does not exist\n` });
  }
}

/**
 * Checks a change before anything happens: SSH keys, hook script, privileges, storages.
 *
 * @throws ApiError in the real server's words.
 */
export function checkChange(
  cluster: Cluster,
  caller: Caller,
  target: { readonly vmid: number; readonly node: string },
  change: ConfigChange,
): void {
  checkConflicts(change);
  const { sshkeys, hookscript } = change.set;
  if (sshkeys !== undefined) checkSshKeys(String(sshkeys));
  if (hookscript !== undefined) checkHookScript(cluster, target.node, String(hookscript));
  checkConfigPrivileges(cluster, caller, target.vmid, change.set, change.delete);
  const drives = Object.entries(change.set).filter(([key]) => isDriveKey(key));
  checkDriveStorages(
    cluster,
    drives.map(([key, value]) => parseDrive(key, String(value))),
  );
}

function bootDevices(text: string | number | undefined): string[] {
  const { order } = parsePropertyString(formatOf("boot"), String(text ?? ""));
  return splitList(order);
}

function checkBootOrder(vm: Vm, change: ConfigChange): void {
  const known = { ...configWithPending(vm), ...change.set };
  for (const device of bootDevices(change.set["boot"])) {
    if (known[device] === undefined || change.delete.includes(device)) {
      throw failure(`invalid bootorder: device '${device}' does not exist'`);
    }
  }
}

/** A deleted device leaves the boot order too. */
function dropFromBootOrder(vm: Vm, key: string): void {
  const order = bootDevices(configWithPending(vm)["boot"]);
  if (!order.includes(key)) return;
  const left = order.filter((device) => device !== key);
  vm.pending["boot"] = left.length === 0 ? "" : `order=${left.join(";")}`;
}

/** The drive that a key holds now must be the caller's to take, and the one that it shall hold theirs to give. */
function checkDriveAccess(cluster: Cluster, vm: Vm, key: string, { caller, set }: ConfigChange): void {
  if (caller === undefined || isRoot(caller) || !isDriveKey(key)) return;
  for (const value of [vm.pending[key] ?? vm.config[key], set[key]])
    if (value !== undefined) checkDriveChange(cluster, caller, vm.vmid, parseDrive(key, String(value)));
}

function queueDelete(cluster: Cluster, vm: Vm, key: string, force: boolean): void {
  const waiting = vm.pending[key];
  delete vm.pending[key];
  if (waiting !== undefined && isDriveKey(key)) detachPendingDrive(cluster, vm, key, waiting);
  if (vm.config[key] === undefined) return;
  if (isDriveKey(key) && vm.config["protection"] === 1) {
    throw failure(`can't remove drive '${key}' - protection mode enabled`);
  }
  vm.pendingDelete.set(key, force);
  dropFromBootOrder(vm, key);
}

/** Takes back what waits for a key; a drive that would have come with it is kept as `unusedN`. */
function revertKey(cluster: Cluster, vm: Vm, key: string): void {
  const waiting = vm.pending[key];
  delete vm.pending[key];
  vm.pendingDelete.delete(key);
  if (waiting !== undefined && isDriveKey(key)) detachPendingDrive(cluster, vm, key, waiting);
}

/** A drive that only ever waited to be plugged in goes to `unusedN` unless the current configuration has it too. */
function detachPendingDrive(cluster: Cluster, vm: Vm, key: string, text: string | number): void {
  const drive = parseDrive(key, String(text));
  const current = vm.config[key];
  if (current === undefined || parseDrive(key, String(current)).file !== drive.file)
    detachDrive(cluster, vm, drive);
}

function queueSet(
  cluster: Cluster,
  vm: Vm,
  key: string,
  value: string | number,
  log: (line: string) => void,
): void {
  const waiting = vm.pending[key];
  if (!isDriveKey(key)) vm.pending[key] = normalizeValue(key, value);
  else {
    const text = allocateDrive({ cluster, vm, log }, key, parseDrive(key, String(value)));
    if (waiting !== undefined && parseDrive(key, String(waiting)).file !== parseDrive(key, text).file) {
      detachPendingDrive(cluster, vm, key, waiting);
    }
    vm.pending[key] = text;
  }
  vm.pendingDelete.delete(key);
}

function applyNow(cluster: Cluster, vm: Vm, change: ConfigChange): void {
  if (vm.process !== undefined) {
    const errors = hotplugPending(cluster, vm);
    if (Object.keys(errors).length > 0) throw badParameters(errors);
    return;
  }
  applyPending(cluster, vm);
  // The next start writes the drive anyway, so nothing is said to wait for that.
  if (Object.entries(change.set).some(([key, value]) => isCloudInitDrive(key, value))) {
    writeCloudInit(cluster, vm, vm.config);
  } else vm.cloudInit = cloudInitValues(vm.config);
}

/**
 * Changes a VM's configuration: at once when it is stopped, else as far as it can be changed live. The rest waits.
 *
 * @throws ApiError 500 for a wrong digest, a locked VM or an absent boot device, 400 when hot-plugging failed.
 */
export function updateConfig(
  cluster: Cluster,
  vm: Vm,
  change: ConfigChange,
  log: (line: string) => void,
): void {
  checkDigest(vm, change.digest);
  checkLock(vm);
  checkBootOrder(vm, change);
  for (const key of change.revert) revertKey(cluster, vm, key);
  const keys = Object.keys(change.set).sort();
  for (const key of [...change.delete, ...keys]) checkDriveAccess(cluster, vm, key, change);
  for (const key of change.delete) queueDelete(cluster, vm, key, change.force);
  for (const key of keys) queueSet(cluster, vm, key, change.set[key] ?? "", log);
  dropIdlePending(vm);
  applyNow(cluster, vm, change);
}
