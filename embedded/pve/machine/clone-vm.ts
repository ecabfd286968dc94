import { randomUUID } from "node:crypto";
import { parsePropertyString, printPropertyString } from "../check/parse-property-string.ts";
import { checkCopyRoom, formattingLine, imageStorage, logTransfer } from "../config/allocate-drive.ts";
import { cloudInitValues } from "../config/cloud-init.ts";
import {
  type Drive,
  drivesOf,
  formatOf,
  isCdrom,
  isCloudInitFile,
  printDrive,
  printSize,
} from "../config/drives.ts";
import { parseNetworkDevice, printNetworkDevice } from "../config/network-device.ts";
import { normalizeValue } from "../config/normalize-value.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { copyVmFirewall } from "../state/firewall.ts";
import type { PveStorage } from "../state/storage.ts";
import { reasonOf } from "../state/task.ts";
import { createVm, type Vm, type VmConfig } from "../state/vm.ts";
import {
  createImage,
  findVolume,
  nextDiskName,
  storageNameOf,
  type Volume,
  volumeNameOf,
} from "../state/volume.ts";

/** A checked request to clone a VM. */
export interface CloneRequest {
  readonly source: Vm;
  readonly newId: number;
  readonly isFull: boolean;
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** Storage and format for full copies; undefined keeps the source's. */
  readonly storage: PveStorage | undefined;
  readonly format: string | undefined;
  /** Configuration to copy: the source's own, or a snapshot's. */
  readonly config: Readonly<VmConfig>;
  readonly node: string;
}

/** Keys that a copy does not take over. */
function isLeftBehind(key: string): boolean {
  return /^(?:unused\d+|template|lock|parent|snaptime|vmstate)$/.test(key);
}

function freshIdentity(config: Readonly<VmConfig>): VmConfig {
  const smbios = parsePropertyString(formatOf("smbios1"), String(config["smbios1"] ?? ""));
  return {
    smbios1: printPropertyString(formatOf("smbios1"), { ...smbios, uuid: randomUUID() }),
    vmgenid: randomUUID(),
  };
}

function withNewMac(key: string, value: string | number): string {
  const { macaddr: _macaddr, ...device } = parseNetworkDevice(key, String(value));
  return printNetworkDevice(device);
}

/** The copy's configuration without its disks: new identity, name and MAC addresses. */
function copyConfig({ config, source, name, description }: CloneRequest): VmConfig {
  const entries = Object.entries(config)
    .filter(([key]) => !isLeftBehind(key))
    .map(([key, value]) => [key, /^net\d+$/.test(key) ? withNewMac(key, value) : value]);
  return {
    ...Object.fromEntries(entries),
    ...freshIdentity(config),
    name: name ?? `Copy-of-VM-${config["name"] ?? source.vmid}`,
    ...(description === undefined ? {} : { description: normalizeValue("description", description) }),
  };
}

/** A drive of the source that gets a volume of its own in the copy. */
export function isCopied(drive: Drive): boolean {
  return !isCdrom(drive) || isCloudInitFile(drive.file);
}

/** A linked clone needs a base volume, which only templates have. */
export function checkLinkable(config: Readonly<VmConfig>): void {
  for (const [key, drive] of drivesOf(config)) {
    if (!isCdrom(drive) && !/[:/]base-\d+-/.test(drive.file)) {
      throw failure(`Linked clone feature is not supported for '${drive.file}' (${key})`);
    }
  }
}

interface Copy {
  readonly cluster: Cluster;
  readonly request: CloneRequest;
  readonly log: (line: string) => void;
}

function imageName({ cluster, request }: Copy, storage: PveStorage, drive: Drive): string {
  const { newId, node } = request;
  return isCloudInitFile(drive.file) ? `vm-${newId}-cloudinit` : nextDiskName(cluster, storage, node, newId);
}

function makeVolume(copy: Copy, drive: Drive, source: Volume, isLinked: boolean): Volume {
  const { cluster, request } = copy;
  const target = isLinked ? undefined : request.storage;
  const storage = target ?? imageStorage(cluster, storageNameOf(drive.file));
  const name = imageName(copy, storage, drive);
  const { newId: vmid, node, format } = request;
  const image = { storage, node, vmid, name, format: format ?? source.format, sizeBytes: source.sizeBytes };
  if (isLinked) return createImage(cluster, { ...image, format: source.format, parent: source.volid });
  checkCopyRoom(cluster, source, image);
  return createImage(cluster, { ...image, usedBytes: source.usedBytes ?? source.sizeBytes });
}

function logLink(copy: Copy, source: Volume, volume: Volume): void {
  const base = volumeNameOf(source.volid);
  const file = volume.volid.slice(volume.volid.lastIndexOf("/") + 1);
  if (base.includes("/"))
    copy.log(`clone ${base}: images, ${file}, ${volume.vmid} to ${file} (base=../${base})`);
}

function copyDrive(copy: Copy, key: string, drive: Drive): string {
  const { cluster, request, log } = copy;
  const source = findVolume(cluster, request.source.node, drive.file);
  if (source === undefined) throw failure(`volume '${drive.file}' does not exist`);
  const isLinked = !request.isFull && !isCloudInitFile(drive.file);
  log(`create ${isLinked ? "linked" : "full"} clone of drive ${key} (${drive.file})`);
  const volume = makeVolume(copy, drive, source, isLinked);
  const storage = imageStorage(cluster, volume.storage);
  if (isLinked) logLink(copy, source, volume);
  log(formattingLine(storage, volume));
  if (isCloudInitFile(drive.file)) log(`allocated target volume '${volume.volid}'`);
  else if (!isLinked) logTransfer(log, volume);
  const { format: _format, ...options } = drive;
  return printDrive(key, { ...options, file: volume.volid, size: printSize(volume.sizeBytes) });
}

/** Reserves the new VM's id with the stub that it shows while the copy runs. */
export function reserveClone(cluster: Cluster, { newId, node }: CloneRequest): Vm {
  return createVm(cluster, newId, node, { lock: "clone", description: " qmclone temporary file" });
}

/** Gives the reserved VM its configuration; it has no disks yet and stays locked. */
export function beginClone(vm: Vm, request: CloneRequest): void {
  const config = copyConfig(request);
  for (const [key, drive] of drivesOf(config)) if (isCopied(drive)) delete config[key];
  vm.config = { ...config, lock: "clone" };
}

/** Copies the disks into a VM whose clone began, and unlocks it. */
export function fillClone(
  cluster: Cluster,
  vm: Vm,
  request: CloneRequest,
  log: (line: string) => void,
): void {
  const copy: Copy = { cluster, request, log };
  log(`creating a clone of VM ${request.source.vmid} with ID ${vm.vmid}`);
  const { lock: _lock, ...config } = vm.config;
  try {
    for (const [key, drive] of drivesOf(request.config)) {
      if (isCopied(drive)) config[key] = copyDrive(copy, key, drive);
    }
  } catch (error) {
    throw failure(`clone failed: ${reasonOf(error)}`);
  }
  vm.config = config;
  vm.cloudInit = cloudInitValues(config);
  copyVmFirewall(cluster.datacenter.firewalls, request.source.vmid, vm.vmid);
}
