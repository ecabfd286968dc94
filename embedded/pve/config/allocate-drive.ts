import { badParameters, failure } from "../http/api-error.ts";
import { hasRoom } from "../reports/has-room.ts";
import type { Cluster } from "../state/cluster.ts";
import type { PveStorage } from "../state/storage.ts";
import type { Vm } from "../state/vm.ts";
import {
  createImage,
  findVolume,
  imageVolid,
  type NewImage,
  nextDiskName,
  storageNameOf,
  type Volume,
  volumeNameOf,
  volumePath,
} from "../state/volume.ts";
import { type Drive, printDrive, printSize } from "./drives.ts";

const gibibyte = 1024 ** 3;

/** What an allocation works on. */
export interface DriveContext {
  readonly cluster: Cluster;
  readonly vm: Vm;
  /** Takes the lines that the real server's tools print. */
  readonly log: (line: string) => void;
}

/** Sizes that no request chooses: those of cloud-init drives and of firmware and TPM state. */
const fixedSizes: Readonly<Record<string, number>> = { efidisk0: 528 * 1024, tpmstate0: 4 * 1024 ** 2 };
const cloudInitBytes = 4 * 1024 ** 2;

/** @throws ApiError 500 when the storage does not exist, 400 when it holds no VM images. */
export function imageStorage(cluster: Cluster, name: string): PveStorage {
  const storage = cluster.storages.get(name);
  if (storage === undefined) throw failure(`storage '${name}' does not exist`);
  if (!storage.content.includes("images")) {
    throw badParameters({ storage: `storage '${name}' does not support vm images` });
  }
  return storage;
}

/** @throws ApiError 500 when the node has a volume of that name already, or the name is none for that VM. */
export function checkImageName(cluster: Cluster, image: NewImage): void {
  const { storage, node, vmid, name } = image;
  if (storage.style !== "dir" && !name.startsWith(`vm-${vmid}-`))
    throw failure(`illegal name '${name}' - should be 'vm-${vmid}-*'`);
  const volid = imageVolid(image);
  if (findVolume(cluster, node, volid) === undefined) return;
  throw failure(
    storage.style === "dir"
      ? `disk image '${volumePath(storage, volid)}' already exists`
      : `lvcreate '${storage.name}/${volumeNameOf(volid)}' error: already exists in volume group`,
  );
}

function makeImage({ cluster, log }: DriveContext, image: NewImage): Volume {
  const volume = createImage(cluster, image);
  log(formattingLine(image.storage, volume));
  return volume;
}

/** The line that qemu-img or lvcreate prints about a new image. */
export function formattingLine(storage: PveStorage, volume: Volume): string {
  if (storage.style === "lvmthin") return `  Logical volume "${volumeNameOf(volume.volid)}" created.`;
  const path = volumePath(storage, volume.volid);
  const { format, sizeBytes, parent } = volume;
  if (format === "raw") return `Formatting '${path}', fmt=raw size=${sizeBytes} preallocation=off`;
  const cluster =
    parent === undefined ? "cluster_size=65536 extended_l2=off" : "cluster_size=131072 extended_l2=on";
  const backing =
    parent === undefined ? "" : `backing_file=../${volumeNameOf(parent)} backing_fmt=${format} `;
  const head = `Formatting '${path}', fmt=${format} ${cluster} preallocation=metadata compression_type=zlib`;
  return `${head} size=${sizeBytes} ${backing}lazy_refcounts=off refcount_bits=16`;
}

function allocateCloudInit(context: DriveContext, drive: Drive): Drive {
  const { cluster, vm } = context;
  const storage = imageStorage(cluster, storageNameOf(drive.file));
  const image = {
    storage,
    node: vm.node,
    vmid: vm.vmid,
    name: `vm-${vm.vmid}-cloudinit`,
    format: drive["format"] ?? (storage.style === "dir" ? "qcow2" : "raw"),
    sizeBytes: cloudInitBytes,
  };
  checkImageName(cluster, image);
  return { file: makeImage(context, image).volid, media: "cdrom" };
}

function importSource(cluster: Cluster, vm: Vm, drive: Drive): Volume | undefined {
  const source = drive["import-from"];
  if (source === undefined) return undefined;
  const volume = findVolume(cluster, vm.node, source);
  const storage = cluster.storages.get(storageNameOf(source));
  if (storage === undefined) throw failure(`storage '${storageNameOf(source)}' does not exist`);
  if (volume === undefined) throw failure(`failed to stat '${volumePath(storage, source)}'`);
  return volume;
}

function withoutRequest(drive: Drive, file: string, sizeBytes: number): Drive {
  const { format: _format, "import-from": _source, ...options } = drive;
  return { ...options, file, size: printSize(sizeBytes) };
}

function allocateImage(context: DriveContext, key: string, drive: Drive): Drive {
  const { cluster, vm } = context;
  const [storageName = "", sizeGiB = "0"] = drive.file.split(":");
  const storage = imageStorage(cluster, storageName);
  const source = importSource(cluster, vm, drive);
  const sizeBytes =
    source?.virtualSizeBytes ?? source?.sizeBytes ?? fixedSizes[key] ?? Number(sizeGiB) * gibibyte;
  if (source !== undefined) context.log(`create full clone of drive (${source.volid})`);
  const image = {
    storage,
    node: vm.node,
    vmid: vm.vmid,
    name: nextDiskName(cluster, storage, vm.node, vm.vmid),
    format: drive["format"] ?? source?.format ?? "raw",
    sizeBytes,
    usedBytes: source?.usedBytes ?? source?.sizeBytes ?? 0,
  };
  if (source !== undefined) checkCopyRoom(cluster, source, image);
  const volume = makeImage(context, image);
  if (source !== undefined) logTransfer(context.log, volume);
  return withoutRequest(drive, volume.volid, sizeBytes);
}

/**
 * Checks that what was written to an image can be written once more.
 *
 * @throws ApiError 500 with the command that fails on the real server, in a form that says what it copies.
 */
export function checkCopyRoom(cluster: Cluster, source: Volume, image: NewImage): void {
  const { storage, node, format } = image;
  if (hasRoom(cluster, storage, node, source.usedBytes ?? source.sizeBytes)) return;
  const from = cluster.storages.get(source.storage) ?? storage;
  const paths = `${volumePath(from, source.volid)} ${volumePath(storage, imageVolid(image))}`;
  const formats = `-f ${source.format} -O ${storage.style === "dir" ? format : "raw"}`;
  throw failure(
    `copy failed: command '/usr/bin/qemu-img convert -p -n ${formats} ${paths}' failed: exit code 1`,
  );
}

/** What copying an image prints; the real server prints a line for every percent that takes time. */
export function logTransfer(log: (line: string) => void, volume: Volume): void {
  const size = printTransferSize(volume.sizeBytes);
  log(`allocated target volume '${volume.volid}'`);
  log(`transferred 0.0 B of ${size} (0.00%)`);
  log(`transferred ${size} of ${size} (100.00%)`);
}

function printTransferSize(bytes: number): string {
  return bytes >= gibibyte ? `${(bytes / gibibyte).toFixed(1)} GiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

function attachExisting(cluster: Cluster, vm: Vm, drive: Drive): Drive {
  const volume = findVolume(cluster, vm.node, drive.file);
  if (volume === undefined) throw failure(`volume '${drive.file}' does not exist`);
  return { ...drive, size: printSize(volume.sizeBytes) };
}

/**
 * Makes the volume that a drive asks for (`local-lvm:8`, `local-lvm:cloudinit`, `import-from=`), or looks up the one
 * it names, and returns the text that the configuration keeps.
 *
 * @throws ApiError 500 or 400 when storage or volume do not allow it.
 */
export function allocateDrive(context: DriveContext, key: string, drive: Drive): string {
  if (drive.file === "none" || drive.file === "cdrom") return printDrive(key, drive);
  if (!isNewVolume(drive)) return printDrive(key, attachExisting(context.cluster, context.vm, drive));
  const made = drive.file.endsWith(":cloudinit")
    ? allocateCloudInit(context, drive)
    : allocateImage(context, key, drive);
  const text = printDrive(key, made);
  context.log(`${key}: successfully created disk '${text}'`);
  return text;
}

/** `storage:size-in-GiB` or `storage:cloudinit` rather than a volume. */
function isNewVolume(drive: Drive): boolean {
  return /^[^/:]+:(?:\d+(?:\.\d+)?|cloudinit)$/.test(drive.file);
}

/** Checks before any change that the storages of all new disks exist and take VM images; cloud-init drives fail later. */
export function checkDriveStorages(cluster: Cluster, drives: readonly Drive[]): void {
  for (const drive of drives)
    if (isNewVolume(drive) && !drive.file.endsWith(":cloudinit"))
      imageStorage(cluster, storageNameOf(drive.file));
}
