import { type Caller, isRoot } from "../access/caller.ts";
import { requirePrivileges } from "../access/permissions.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { VmConfig } from "../state/vm.ts";
import { type Drive, isCdrom, isDriveKey, parseDrive } from "./drives.ts";
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

const drivePrivileges = ["VM.Config.Disk", "VM.Config.CDROM"];

function checkDrive(cluster: Cluster, caller: Caller, vmid: number, drive: Drive): void {
  requirePrivileges(cluster, caller, `/vms/${vmid}`, [isCdrom(drive) ? "VM.Config.CDROM" : "VM.Config.Disk"]);
  const [, storage] = /^([^/:]+):(?:\d|cloudinit)/.exec(drive.file) ?? [];
  if (storage !== undefined)
    requirePrivileges(cluster, caller, `/storage/${storage}`, ["Datastore.AllocateSpace"]);
}

function checkBridge(cluster: Cluster, caller: Caller, key: string, text: string): void {
  const { bridge, tag } = parseNetworkDevice(key, text);
  if (bridge === undefined) return;
  const path = `/sdn/zones/localnetwork/${bridge}`;
  requirePrivileges(cluster, caller, tag === undefined ? path : `${path}/${tag}`, ["SDN.Use"]);
}

function isRootOnly(key: string, value: string | number | undefined): boolean {
  if (/^serial\d+$/.test(key)) return value !== undefined && value !== "socket";
  if (/^hostpci\d+$/.test(key)) return value !== undefined && !String(value).includes("mapping=");
  return privilegesFor(key) === undefined;
}

/**
 * Checks that the caller may set or delete each key. Where nobody but root may, root's own tokens may not either.
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
      if (value === undefined) requirePrivileges(cluster, caller, `/vms/${vmid}`, drivePrivileges, true);
      else checkDrive(cluster, caller, vmid, parseDrive(key, String(value)));
      continue;
    }
    if (isRootOnly(key, value)) throw failure(`only root can set '${key}' config`);
    requirePrivileges(cluster, caller, `/vms/${vmid}`, privilegesFor(key) ?? [], true);
    if (key === "startup") requirePrivileges(cluster, caller, "/", ["Sys.Modify"]);
    if (/^net\d+$/.test(key) && value !== undefined) checkBridge(cluster, caller, key, String(value));
  }
}
