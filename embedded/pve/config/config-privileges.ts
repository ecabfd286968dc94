import { type Caller, isRoot } from "../access/caller.ts";
import { requirePrivileges } from "../access/permissions.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { VmConfig } from "../state/vm.ts";
import { type Drive, isCdrom, isCloudInitFile, isDriveKey, parseDrive } from "./drives.ts";
import { parseNetworkDevice } from "./network-device.ts";

/** Privileges on the VM, any of which allows to set the keys (qemu-server 9, check_vm_modify_config_perm). */
const keysByPrivilege: readonly (readonly [privileges: readonly string[], keys: string])[] = [
  [["VM.Config.CPU"], "cores cpu cpulimit cpuunits numa smp sockets vcpus"],
  [["VM.Config.Memory"], "memory balloon shares allow-ksm"],
  [["VM.Config.HWType"], "acpi audio0 hotplug kvm machine rng0 scsihw smbios1 tablet vga vmgenid watchdog"],
  [
    ["VM.Config.Options"],
    "agent autostart bios description keyboard localtime migrate_downtime migrate_speed name onboot ostype " +
      "protection reboot spice_enhancements startdate startup tags tdf template",
  ],
  [["VM.PowerMgmt"], "freeze"],
  [["VM.Config.Disk"], "boot bootdisk vmstatestorage"],
  [
    ["VM.Config.Cloudinit", "VM.Config.Network"],
    "cicustom cipassword citype ciuser ciupgrade nameserver searchdomain sshkeys",
  ],
];

const privilegesOfKey = new Map(
  keysByPrivilege.flatMap(([wanted, keys]) => keys.split(" ").map((key) => [key, wanted] as const)),
);

function privilegesFor(key: string): readonly string[] | undefined {
  if (/^ipconfig\d+$/.test(key)) return ["VM.Config.Cloudinit", "VM.Config.Network"];
  if (/^net\d+$/.test(key)) return ["VM.Config.Network"];
  if (/^numa\d+$/.test(key)) return ["VM.Config.CPU"];
  if (/^(?:efidisk|tpmstate|unused)\d+$/.test(key)) return ["VM.Config.Disk"];
  if (/^(?:serial|usb|hostpci|virtiofs)\d+$/.test(key)) return ["VM.Config.HWType"];
  return privilegesOfKey.get(key);
}

/** A new disk needs space on its storage. */
function checkDriveSpace(cluster: Cluster, caller: Caller, drive: Drive): void {
  const [, storage] = /^([^/:]+):\d/.exec(drive.file) ?? [];
  if (storage !== undefined)
    requirePrivileges(cluster, caller, `/storage/${storage}`, ["Datastore.AllocateSpace"]);
}

function checkBridge(cluster: Cluster, caller: Caller, key: string, text: string): void {
  const { bridge, tag } = parseNetworkDevice(key, text);
  if (bridge === undefined) return;
  const path = `/sdn/zones/localnetwork/${bridge}`;
  requirePrivileges(cluster, caller, tag === undefined ? path : `${path}/${tag}`, ["SDN.Use"]);
}

/** @throws ApiError 403 when the caller may not use a bridge that a network device of the configuration is on. */
export function checkBridges(cluster: Cluster, caller: Caller, config: Readonly<VmConfig>): void {
  if (isRoot(caller)) return;
  for (const [key, value] of Object.entries(config))
    if (/^net\d+$/.test(key)) checkBridge(cluster, caller, key, String(value));
}

/**
 * Checks, where a change is made and no longer where it was asked for, that the caller may touch a drive.
 *
 * @throws ApiError 403 naming the privilege.
 */
export function checkDriveChange(cluster: Cluster, caller: Caller, vmid: number, drive: Drive): void {
  const cdrom = isCloudInitFile(drive.file)
    ? ["VM.Config.Cloudinit", "VM.Config.CDROM"]
    : ["VM.Config.CDROM"];
  requirePrivileges(cluster, caller, `/vms/${vmid}`, isCdrom(drive) ? cdrom : ["VM.Config.Disk"]);
}

function isRootOnly(key: string, value: string | number | undefined): boolean {
  if (/^serial\d+$/.test(key)) return value !== undefined && value !== "socket";
  if (/^hostpci\d+$/.test(key)) return value !== undefined && !String(value).includes("mapping=");
  return privilegesFor(key) === undefined;
}

/**
 * Checks that the caller may set or delete each key; drives are checked where they change. Where nobody but root may, root's own tokens may not either.
 *
 * @throws ApiError 403 naming the privilege, or 500 `only root can set 'args' config`.
 */
export function checkConfigPrivileges(
  cluster: Cluster,
  caller: Caller,
  vmid: number,
  set: Readonly<VmConfig>,
  deleted: readonly string[],
): void {
  if (isRoot(caller)) return;
  for (const key of [...deleted, ...Object.keys(set)]) {
    const value = set[key];
    if (isDriveKey(key)) {
      if (value !== undefined) checkDriveSpace(cluster, caller, parseDrive(key, String(value)));
      continue;
    }
    if (isRootOnly(key, value)) throw failure(`only root can set '${key}' config`);
    requirePrivileges(cluster, caller, `/vms/${vmid}`, privilegesFor(key) ?? [], true);
    if (key === "startup") requirePrivileges(cluster, caller, "/", ["Sys.Modify"]);
    if (/^net\d+$/.test(key) && value !== undefined) checkBridge(cluster, caller, key, String(value));
  }
}
