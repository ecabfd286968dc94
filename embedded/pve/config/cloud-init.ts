import { parsePropertyString } from "../check/parse-property-string.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Vm, VmConfig } from "../state/vm.ts";
import { findVolume } from "../state/volume.ts";
import { drivesOf, formatOf, isCloudInitFile } from "./drives.ts";

/** Keys that end up on the cloud-init drive. */
function isCloudInitKey(key: string): boolean {
  return /^(?:ciuser|cipassword|citype|ciupgrade|cicustom|nameserver|searchdomain|sshkeys|name|ipconfig\d+|net\d+)$/.test(
    key,
  );
}

/** The part of a configuration that the cloud-init drive holds. */
export function cloudInitValues(config: Readonly<VmConfig>): VmConfig {
  return Object.fromEntries(Object.entries(config).filter(([key]) => isCloudInitKey(key)));
}

/** True when the VM has a cloud-init drive. */
export function hasCloudInitDrive(vm: Vm): boolean {
  return drivesOf(vm.config).some(([, drive]) => isCloudInitFile(drive.file));
}

/** Cloud-init keys of `config` that differ from what the VM's drive was last written with. */
export function unwrittenCloudInitKeys(vm: Vm, config: Readonly<VmConfig>): string[] {
  const written = vm.cloudInit ?? {};
  const keys = new Set([...Object.keys(written), ...Object.keys(config)].filter(isCloudInitKey));
  return [...keys].filter((key) => written[key] !== config[key]);
}

/**
 * Writes the VM's cloud-init drive from `config`.
 *
 * @throws ApiError 500 when a file that `cicustom` names does not exist.
 */
export function writeCloudInit(cluster: Cluster, vm: Vm, config: Readonly<VmConfig>): void {
  const custom = parsePropertyString(formatOf("cicustom"), String(config["cicustom"] ?? ""));
  for (const volid of Object.values(custom)) {
    if (findVolume(cluster, vm.node, volid) === undefined) throw failure(`volume '${volid}' does not exist`);
  }
  vm.cloudInit = cloudInitValues(config);
}
