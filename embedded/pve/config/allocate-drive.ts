import { badParameters, failure } from "../http/api-error.ts";
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
import { type Drive, isCdrom, isCloudInitFile, printDrive, printSize } from "./drives.ts";

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

function refuseExisting(storage: PveStorage, volid: string): never {
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
  const volid = imageVolid(image);
  if (findVolume(cluster, vm.node, volid) !== undefined) refuseExisting(storage, volid);
  makeImage(context, image);
  return { file: volid, media: "cdrom" };
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
  const volume = makeImage(context, {
    storage,
    node: vm.node,
    vmid: vm.vmid,
    name: nextDiskName(cluster, storage, vm.node, vm.vmid),
    format: drive["format"] ?? source?.format ?? "raw",
    sizeBytes,
  });
  if (source !== undefined) logTransfer(context.log, volume);
  return withoutRequest(drive, volume.volid, sizeBytes);
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
  return isCdrom(drive) && !isCloudInitFile(drive.file)
    ? drive
    : { ...drive, size: printSize(volume.sizeBytes) };
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

/** Checks before any change that the storages of all new drives exist and take VM images. */
export function checkDriveStorages(cluster: Cluster, drives: readonly Drive[]): void {
  for (const drive of drives) if (isNewVolume(drive)) imageStorage(cluster, storageNameOf(drive.file));
}
