import { rulesOf } from "../check/check-parameters.ts";
import { FormatError } from "../check/format-error.ts";
import {
  type PropertyValues,
  parsePropertyString,
  printPropertyString,
} from "../check/parse-property-string.ts";
import { apiSchema, type PropertyString, propertyStrings } from "../check/schema.ts";
import { badParameters } from "../http/api-error.ts";
import type { VmConfig } from "../state/vm.ts";

/** A drive's options; `file` is the volume, `none`, `cdrom` or a request for a new volume. */
export type Drive = PropertyValues & { file: string };

/** Found formats; there are no more keys than the schema has. */
const formatsByKey = new Map<string, PropertyString>();

const configSchema = apiSchema.get("/nodes/{node}/qemu/{vmid}/config")?.get("PUT");

/** Matches ide0..3, sata0..5, scsi0..30, virtio0..15, efidisk0 and tpmstate0. */
export function isDriveKey(key: string): boolean {
  return /^(?:ide[0-3]|sata[0-5]|scsi(?:[0-9]|[12][0-9]|30)|virtio(?:[0-9]|1[0-5])|efidisk0|tpmstate0)$/.test(
    key,
  );
}

/** The property string that a configuration key holds, by the schema of `PUT .../config`. */
export function formatOf(key: string): PropertyString {
  const known = formatsByKey.get(key);
  if (known !== undefined) return known;
  const format = configSchema === undefined ? undefined : rulesOf(configSchema, key)?.format;
  const found = (typeof format === "string" ? propertyStrings[format] : format) ?? {};
  formatsByKey.set(key, found);
  return found;
}

/** @throws ApiError 400 naming `key` when the text is no drive. */
export function parseDrive(key: string, text: string): Drive {
  try {
    const values = parsePropertyString(formatOf(key), text);
    return { ...values, file: values["file"] ?? "none" };
  } catch (error) {
    if (error instanceof FormatError) throw badParameters({ [key]: `invalid format - ${error.message}\n` });
    throw error;
  }
}

/** The text that the configuration keeps for a drive. */
export function printDrive(key: string, drive: Drive): string {
  return printPropertyString(formatOf(key), drive);
}

/** CD-ROMs, cloud-init drives among them. */
export function isCdrom(drive: Drive): boolean {
  return drive["media"] === "cdrom" || drive.file === "cdrom" || isCloudInitFile(drive.file);
}

/** A cloud-init drive, made (`vm-101-cloudinit`) or only asked for (`local-lvm:cloudinit`). */
export function isCloudInitFile(file: string): boolean {
  return /:(?:.*\/)?(?:vm-\d+-)?cloudinit(?:\.(?:raw|qcow2))?$/.test(file);
}

/** True for a drive's key whose value is a cloud-init drive. */
export function isCloudInitDrive(key: string, value: string | number): boolean {
  return isDriveKey(key) && isCloudInitFile(parseDrive(key, String(value)).file);
}

/** Key and drive of every drive in a configuration, in alphabetical order. */
export function drivesOf(config: Readonly<VmConfig>): (readonly [string, Drive])[] {
  return Object.keys(config)
    .filter(isDriveKey)
    .sort()
    .map((key) => [key, parseDrive(key, String(config[key]))] as const);
}

const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/** Size in bytes as Proxmox VE prints it: the largest unit that divides it, `1800M`, `4G`. */
export function printSize(bytes: number): string {
  for (const unit of ["T", "G", "M", "K"]) {
    const size = unitBytes[unit] ?? 1;
    if (bytes !== 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

/** `512M`, `4G`, `1.5T` or plain bytes, as bytes. */
export function parseSize(text: string): number {
  const [, number = "0", unit = ""] = /^(\d+(?:\.\d+)?)([KMGT])?$/.exec(text) ?? [];
  return Math.floor(Number(number) * (unitBytes[unit] ?? 1));
}

/** The drive's size in bytes as its configuration says. */
export function driveSizeBytes(drive: Drive): number {
  return parseSize(drive["size"] ?? "0");
}
