import { requirePrivileges } from "../access/permissions.ts";
import { splitList } from "../check/split-list.ts";
import { imageStorage } from "../config/allocate-drive.ts";
import { deleteKey, detachDrive, setKey } from "../config/change-config.ts";
import { checkDigest } from "../config/config-digest.ts";
import {
  drivesOf,
  isCdrom,
  isDriveKey,
  parseDrive,
  parseSize,
  printDrive,
  printSize,
} from "../config/drives.ts";
import { updateConfig } from "../config/update-config.ts";
import { badParameters, failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { TaskContext } from "../state/task.ts";
import { checkLock, type Vm } from "../state/vm.ts";
import { withVmLock } from "../state/vm-lock.ts";
import { createImage, findVolume, nextDiskName, storageNameOf, type Volume } from "../state/volume.ts";
import { type Call, type EndpointTable, flag, optionalText, text } from "./endpoint.ts";
import { refuseSkipLock, startVmTask, vmOf } from "./vm-call.ts";

interface DiskTarget {
  readonly vm: Vm;
  readonly key: string;
  readonly drive: ReturnType<typeof parseDrive>;
  readonly volume: Volume;
}

function checkVm(call: Call, vm: Vm): void {
  checkDigest(vm, optionalText(call, "digest"));
  checkLock(vm);
}

function targetOf(call: Call, vm: Vm, verb: string): DiskTarget {
  const key = text(call, "disk");
  const value = vm.config[key];
  if (value === undefined) throw failure(`disk '${key}' does not exist`);
  const drive = parseDrive(key, String(value));
  if (isCdrom(drive)) throw failure(`you can't ${verb} a cdrom`);
  const volume = findVolume(call.cluster, vm.node, drive.file);
  if (volume === undefined) throw failure(`disk '${key}' has no associated volume`);
  return { vm, key, drive, volume };
}

function newSizeBytes(wanted: string, currentBytes: number): number {
  return wanted.startsWith("+") ? currentBytes + parseSize(wanted.slice(1)) : parseSize(wanted);
}

function resize(call: Call, vm: Vm, { log }: TaskContext): void {
  checkVm(call, vm);
  const { key, drive, volume } = targetOf(call, vm, "resize");
  const sizeBytes = newSizeBytes(text(call, "size"), volume.sizeBytes);
  if (sizeBytes < volume.sizeBytes) throw failure("shrinking disks is not supported");
  if (sizeBytes === volume.sizeBytes) return;
  if (vm.process === undefined && volume.volid.includes("/")) log("Image resized.");
  volume.sizeBytes = sizeBytes;
  vm.config[key] = printDrive(key, { ...drive, size: printSize(sizeBytes) });
}

function resizeEndpoint(call: Call): string {
  refuseSkipLock(call);
  const vm = vmOf(call);
  return startVmTask(call, vm, { type: "resize", work: (context) => resize(call, vm, context) });
}

function isInSnapshot({ snapshots }: Vm, volid: string): boolean {
  return [...snapshots.values()].some(({ config }) =>
    drivesOf(config).some(([, { file }]) => file === volid),
  );
}

/** Public source: PVE::API2::Qemu, move_vm_disk. */
function checkMove(call: Call, { vm, volume }: DiskTarget, storageName: string): void {
  const { cluster, caller } = call;
  const format = optionalText(call, "format") ?? volume.format;
  if (storageNameOf(volume.volid) === storageName && format === volume.format) {
    throw failure("you can't move to the same storage with same format");
  }
  if (flag(call, "delete") && isInSnapshot(vm, volume.volid)) {
    throw failure("you can't move a disk with snapshots and delete the source");
  }
  imageStorage(cluster, storageName);
  requirePrivileges(cluster, caller, `/storage/${storageName}`, ["Datastore.AllocateSpace"]);
}

function moveDisk(call: Call, vm: Vm, storageName: string, { log }: TaskContext): void {
  const { cluster } = call;
  const { key, drive, volume } = targetOf(call, vm, "move");
  const storage = imageStorage(cluster, storageName);
  log(`create full clone of drive ${key} (${volume.volid})`);
  const moved = createImage(cluster, {
    storage,
    node: vm.node,
    vmid: vm.vmid,
    name: nextDiskName(cluster, storage, vm.node, vm.vmid),
    format: optionalText(call, "format") ?? volume.format,
    sizeBytes: volume.sizeBytes,
    usedBytes: volume.usedBytes ?? volume.sizeBytes,
  });
  const { format: _format, ...options } = drive;
  setKey(cluster, vm, key, printDrive(key, { ...options, file: moved.volid }));
  // Only keys of drives detach what they had.
  if (!isDriveKey(key)) detachDrive(cluster, vm, drive);
  if (flag(call, "delete")) removeDetached(cluster, vm, volume.volid);
}

/** The disk was detached as `unusedN`; with that key its volume goes. */
function removeDetached(cluster: Cluster, vm: Vm, volid: string): void {
  const key = Object.keys(vm.config).find((name) => name.startsWith("unused") && vm.config[name] === volid);
  if (key !== undefined) deleteKey(cluster, vm, key, false);
}

function moveEndpoint(call: Call): string {
  const vm = vmOf(call);
  checkVm(call, vm);
  const storage = optionalText(call, "storage");
  if (storage === undefined) {
    throw badParameters({ storage: "either set 'storage' or 'target-vmid', but not both" });
  }
  checkMove(call, targetOf(call, vm, "move"), storage);
  return startVmTask(call, vm, { type: "qmmove", work: (context) => moveDisk(call, vm, storage, context) });
}

async function unlink(call: Call): Promise<null> {
  const { cluster } = call;
  const vm = vmOf(call);
  const change = {
    set: {},
    delete: splitList(text(call, "idlist")),
    revert: [],
    digest: undefined,
    force: flag(call, "force"),
  };
  await withVmLock(cluster, vm, () => updateConfig(cluster, vm, change, () => undefined));
  return null;
}

export const qemuDiskEndpoints: EndpointTable = {
  "PUT /nodes/{node}/qemu/{vmid}/resize": resizeEndpoint,
  "POST /nodes/{node}/qemu/{vmid}/move_disk": moveEndpoint,
  "PUT /nodes/{node}/qemu/{vmid}/unlink": unlink,
};
