import { parseDiskSize } from "./disk-size.ts";

/** A disk, CD-ROM or cloud-init drive in one slot of a VM. */
export interface StorageDevice {
  /** "datastore:path", "datastore:GiB" for a new volume, "none" or "cdrom". */
  volume: string;
  format?: string;
  media?: string;
  /** Bytes. */
  size?: number;
  importFrom?: string;
  /** An image that is imported over SSH; such a device is left out of requests. */
  fileId?: string;
  datastore?: string;
  /** Everything else by the server's key; a flag is "0" or "1". */
  options: Readonly<Record<string, string>>;
}

/** Devices by slot ("virtio0"). */
export type StorageDevices = Map<string, StorageDevice>;

/** The kinds of slots that hold disks, in the order of the real provider's error text. */
export const storageInterfaces = ["ide", "sata", "scsi", "virtio"] as const;

const storageSlot = /^(ide|sata|scsi|virtio)\d+$/;

/** The options in the order in which the real provider writes them. */
const optionOrder = [
  "aio",
  "backup",
  "iops_rd",
  "iops_wr",
  "iops_rd_max",
  "iops_wr_max",
  "iothread",
  "queues",
  "serial",
  "ssd",
  "discard",
  "cache",
  "mbps_rd_max",
  "mbps_wr_max",
  "mbps_rd",
  "mbps_wr",
  "replicate",
] as const;

/** Options that are not written when they are empty. */
const skippedWhenEmpty = new Set(["serial", "discard", "cache"]);

/** All disks and drives of a VM's configuration. */
export function storageDevices(config: Readonly<Record<string, unknown>>): StorageDevices {
  const found = Object.entries(config).filter(([slot]) => storageSlot.test(slot));
  return new Map(found.map(([slot, text]) => [slot, parseStorageDevice(String(text))]));
}

/** Reads one device; its format is the volume's file extension unless it says otherwise. */
function parseStorageDevice(text: string): StorageDevice {
  const device: StorageDevice = { volume: "", options: {} };
  const options: Record<string, string> = {};
  for (const part of text.split(",")) {
    const [key = "", value, ...rest] = part.trim().split("=");
    if (value === undefined) setVolume(device, key);
    else if (rest.length === 0) setOption(device, options, key, value);
  }
  return { ...device, options };
}

function setVolume(device: StorageDevice, volume: string): void {
  device.volume = volume;
  const extension = volume.includes(":") ? /\.([^./]+)$/.exec(volume)?.[1] : undefined;
  if (extension !== undefined) device.format = extension;
}

function setOption(device: StorageDevice, options: Record<string, string>, key: string, value: string): void {
  if (key === "file") device.volume = value;
  else if (key === "format" || key === "media") device[key] = value;
  else if (key === "size") device.size = parseDiskSize(value);
  else if ((optionOrder as readonly string[]).includes(key)) options[key] = value;
}

/** Writes one device as a parameter. A drive without options ends with a comma, as the real provider sends it. */
export function formatStorageDevice(device: StorageDevice): string {
  const isImport = device.importFrom !== undefined && device.importFrom !== "";
  const volume = isImport ? `${device.datastore ?? ""}:0` : device.volume;
  const head = [
    `file=${volume}`,
    ...(isImport ? [`import-from=${device.importFrom}`] : []),
    ...(device.format === undefined ? [] : [`format=${device.format}`]),
    ...(device.media === undefined ? [] : [`media=${device.media}`]),
    ...(device.size === undefined ? [] : [`size=${device.size}`]),
  ];
  const options = optionOrder
    .filter((key) => device.options[key] !== undefined)
    .filter((key) => !(skippedWhenEmpty.has(key) && device.options[key] === ""))
    .map((key) => `${key}=${device.options[key]}`);
  return [...head, options.join(",")].join(",");
}

/** Adds the devices to a request, except those that are imported over SSH. */
export function addDevices(values: Map<string, string>, devices: StorageDevices): void {
  for (const [slot, device] of devices) {
    if ((device.fileId ?? "") === "") values.set(slot, formatStorageDevice(device));
  }
}

/** Whether the drive holds the VM's cloud-init data. */
export function isCloudInitDrive(device: StorageDevice, vmid: number): boolean {
  return device.volume.includes(`vm-${vmid}-cloudinit`);
}

/** The datastore of a volume. */
export function datastoreOf(device: StorageDevice): string {
  return device.volume.split(":")[0] ?? "";
}

/** The volume without its datastore; undefined while it is only a size. */
export function pathInDatastore(device: StorageDevice): string | undefined {
  const colon = device.volume.indexOf(":");
  if (colon < 0) return device.volume;
  const path = device.volume.slice(colon + 1);
  return /\d/.test(path) ? path : undefined;
}

/** Whether the volume belongs to the VM; only such volumes are moved or resized. */
export function isOwnedBy(device: StorageDevice, vmid: number): boolean {
  const path = pathInDatastore(device) ?? "";
  return path.startsWith(`vm-${vmid}-`) || path.startsWith(`${vmid}/vm-${vmid}-`);
}
