import { hasPrivilege, requirePrivileges } from "../access/permissions.ts";
import { checkImageName, imageStorage } from "../config/allocate-drive.ts";
import { parseSize } from "../config/drives.ts";
import { badParameters, failure, permissionDenied } from "../http/api-error.ts";
import type { PveStorage } from "../state/storage.ts";
import { startTask } from "../state/task.ts";
import {
  createImage,
  findVolume,
  removeVolume,
  type Volume,
  volumePath,
  volumesOn,
} from "../state/volume.ts";
import { type Call, type EndpointTable, flag, integer, optionalText, text } from "./endpoint.ts";
import { storageOf } from "./storage.ts";

const readPrivileges = ["Datastore.AllocateSpace", "Datastore.Audit"];

function mayReadVolume(call: Call, volume: Volume): boolean {
  const { cluster, caller } = call;
  const path = `/storage/${volume.storage}`;
  if (hasPrivilege(cluster, caller, path, "Datastore.Allocate")) return true;
  if (volume.vmid === undefined) return hasPrivilege(cluster, caller, path, ...readPrivileges);
  return hasPrivilege(cluster, caller, `/vms/${volume.vmid}`, "VM.Config.Disk", "VM.Audit");
}

/** What only backups have: a note, and a guard against being deleted. */
function markings({ notes, isProtected }: Volume): Record<string, unknown> {
  return { ...(notes === undefined ? {} : { notes }), ...(isProtected ? { protected: 1 } : {}) };
}

function listContent(call: Call): unknown[] {
  const storage = storageOf(call);
  const content = optionalText(call, "content");
  const vmid = call.parameters["vmid"] === undefined ? undefined : integer(call, "vmid");
  return volumesOn(call.cluster, storage, text(call, "node"))
    .filter((volume) => content === undefined || volume.content === content)
    .filter((volume) => vmid === undefined || volume.vmid === vmid)
    .filter((volume) => mayReadVolume(call, volume))
    .map((volume) => ({
      volid: volume.volid,
      content: volume.content,
      format: volume.format,
      size: volume.sizeBytes,
      ctime: volume.createdAtSeconds,
      ...markings(volume),
      ...(volume.vmid === undefined
        ? {}
        : { vmid: volume.vmid, used: volume.usedBytes ?? volume.sizeBytes, parent: volume.parent ?? null }),
    }));
}

interface FoundVolume {
  readonly volume: Volume;
  readonly storage: PveStorage;
}

/** A call's volume, which it names by its id or, after the storage's, by its name alone. */
function volumeOf(call: Call): FoundVolume {
  const storage = storageOf(call);
  const name = text(call, "volume");
  const volid = name.includes(":") ? name : `${storage.name}:${name}`;
  const volume = findVolume(call.cluster, text(call, "node"), volid);
  if (volume === undefined) throw failure(`volume '${volid}' does not exist`);
  return { volume, storage };
}

function showVolume(call: Call): Record<string, unknown> {
  const { volume, storage } = volumeOf(call);
  if (!mayReadVolume(call, volume))
    throw permissionDenied(`/storage/${storage.name}, ${readPrivileges.join("|")}`);
  return {
    path: volumePath(storage, volume.volid),
    format: volume.format,
    size: volume.virtualSizeBytes ?? volume.sizeBytes,
    used: volume.usedBytes ?? volume.sizeBytes,
    ...markings(volume),
  };
}

/** @throws ApiError 403 naming the privilege: to delete backups of a VM, less is needed than for everything else. */
function checkMayDelete({ cluster, caller }: Call, storage: PveStorage, volume: Volume | undefined): void {
  const isBackup = volume?.content === "backup" && volume.vmid !== undefined;
  const wanted = isBackup ? "Datastore.AllocateSpace" : "Datastore.Allocate";
  requirePrivileges(cluster, caller, `/storage/${storage.name}`, [wanted]);
  if (isBackup) requirePrivileges(cluster, caller, `/vms/${volume.vmid}`, ["VM.Backup"]);
}

function deleteVolume(call: Call): string {
  const { cluster, caller } = call;
  const node = text(call, "node");
  const storage = storageOf(call);
  const name = text(call, "volume");
  checkMayDelete(
    call,
    storage,
    findVolume(cluster, node, name.includes(":") ? name : `${storage.name}:${name}`),
  );
  const { volume } = volumeOf(call);
  return startTask(cluster, { node, type: "imgdel", id: storage.name, caller }, ({ log }) => {
    if (volume.isProtected)
      throw failure(`cannot remove protected volume '${volume.volid}' on '${storage.name}'`);
    if ([...cluster.volumes.values()].some((other) => other.parent === volume.volid)) {
      throw failure(`base volume '${volume.volid}' is still in use by linked cloned`);
    }
    removeVolume(cluster, node, volume.volid);
    log(`Removed volume '${volume.volid}'`);
  });
}

/** Notes and protection are for backups. */
function changeVolume(call: Call): null {
  const { cluster, caller } = call;
  const { volume, storage } = volumeOf(call);
  requirePrivileges(cluster, caller, `/storage/${storage.name}`, ["Datastore.Allocate"]);
  const notes = optionalText(call, "notes");
  for (const name of ["notes", "protected"])
    if (call.parameters[name] !== undefined && volume.content !== "backup")
      throw failure(`only backups support attribute '${name}'`);
  if (notes !== undefined) volume.notes = notes;
  if (call.parameters["protected"] !== undefined) volume.isProtected = flag(call, "protected");
  return null;
}

/** A size without a unit is in KiB. */
function sizeOf(call: Call): number {
  const size = text(call, "size");
  return parseSize(/^\d+$/.test(size) ? `${size}K` : size);
}

function formatOf(call: Call, name: string, storage: PveStorage): string {
  const wanted = optionalText(call, "format");
  const [, named] = /\.(raw|qcow2|vmdk)$/.exec(name) ?? [];
  if (named !== undefined && wanted !== undefined && named !== wanted)
    throw badParameters({ format: `different storage formats (${wanted} != ${named})` });
  const format = named ?? wanted ?? "raw";
  if (storage.style !== "dir" && format !== "raw") throw failure(`unsupported format '${format}'`);
  return format;
}

/** Makes an image that no VM has yet. */
function allocate(call: Call): string {
  const { cluster } = call;
  const storage = imageStorage(cluster, text(call, "storage"));
  const fileName = text(call, "filename");
  const vmid = integer(call, "vmid");
  const image = {
    storage,
    node: text(call, "node"),
    vmid,
    name: fileName.replace(/\.(?:raw|qcow2|vmdk)$/, ""),
    format: formatOf(call, fileName, storage),
    sizeBytes: sizeOf(call),
  };
  checkImageName(cluster, image);
  return createImage(cluster, image).volid;
}

export const storageContentEndpoints: EndpointTable = {
  "GET /nodes/{node}/storage/{storage}/content": listContent,
  "POST /nodes/{node}/storage/{storage}/content": allocate,
  "GET /nodes/{node}/storage/{storage}/content/{volume}": showVolume,
  "PUT /nodes/{node}/storage/{storage}/content/{volume}": changeVolume,
  "DELETE /nodes/{node}/storage/{storage}/content/{volume}": deleteVolume,
};
