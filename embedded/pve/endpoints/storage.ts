import { createHash } from "node:crypto";
import { hasPrivilege } from "../access/permissions.ts";
import { failure } from "../http/api-error.ts";
import { storageUsage } from "../reports/storage-usage.ts";
import { type PveStorage, pathOf } from "../state/storage.ts";
import { startTask } from "../state/task.ts";
import { findVolume, removeVolume, type Volume, volumePath, volumesOn } from "../state/volume.ts";
import { type Call, type EndpointTable, integer, optionalText, text } from "./endpoint.ts";

function storageOf(call: Call): PveStorage {
  const name = text(call, "storage");
  const storage = call.cluster.storages.get(name);
  if (storage === undefined) throw failure(`storage '${name}' does not exist`);
  return storage;
}

function visibleStorages(call: Call): PveStorage[] {
  const { cluster, caller } = call;
  return [...cluster.storages.values()].filter((storage) =>
    hasPrivilege(cluster, caller, `/storage/${storage.name}`, "Datastore.Audit", "Datastore.AllocateSpace"),
  );
}

function usageOf(call: Call, storage: PveStorage): Record<string, unknown> {
  const { total, used, avail } = storageUsage(call.cluster, storage, text(call, "node"));
  return {
    type: storage.style,
    content: storage.content.join(","),
    active: 1,
    enabled: 1,
    shared: storage.shared ? 1 : 0,
    total,
    used,
    avail,
  };
}

function listOnNode(call: Call): unknown[] {
  const wanted = optionalText(call, "content")?.split(",");
  const name = optionalText(call, "storage");
  return visibleStorages(call)
    .filter((storage) => wanted === undefined || storage.content.some((content) => wanted.includes(content)))
    .filter((storage) => name === undefined || storage.name === name)
    .map((storage) => {
      const usage = usageOf(call, storage);
      return {
        storage: storage.name,
        ...usage,
        used_fraction: Number(usage["used"]) / Number(usage["total"]),
      };
    });
}

/** A storage's lines in the cluster's storage configuration. */
function configOf(storage: PveStorage): Record<string, unknown> {
  const place = storage.style === "dir" ? { path: pathOf(storage) } : { vgname: "pve", thinpool: "data" };
  return {
    storage: storage.name,
    type: storage.style,
    content: storage.content.join(","),
    ...place,
    ...(storage.style === "dir" || storage.shared ? { shared: storage.shared ? 1 : 0 } : {}),
  };
}

function configDigest(call: Call): string {
  const configs = [...call.cluster.storages.values()].map(configOf);
  return createHash("sha1").update(JSON.stringify(configs)).digest("hex");
}

function listConfigs(call: Call): unknown[] {
  return visibleStorages(call).map((storage) => ({ ...configOf(storage), digest: configDigest(call) }));
}

function mayReadVolume(call: Call, volume: Volume): boolean {
  const { cluster, caller } = call;
  const path = `/storage/${volume.storage}`;
  if (hasPrivilege(cluster, caller, path, "Datastore.Allocate")) return true;
  if (volume.vmid === undefined)
    return hasPrivilege(cluster, caller, path, "Datastore.Audit", "Datastore.AllocateSpace");
  return hasPrivilege(cluster, caller, `/vms/${volume.vmid}`, "VM.Config.Disk", "VM.Audit");
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
      ...(volume.vmid === undefined
        ? {}
        : { vmid: volume.vmid, used: volume.sizeBytes, parent: volume.parent ?? null }),
    }));
}

/** A volume by its id, or by its name alone. */
function volumeOf(call: Call): { volume: Volume; storage: PveStorage } {
  const storage = storageOf(call);
  const name = text(call, "volume");
  const volid = name.includes(":") ? name : `${storage.name}:${name}`;
  const volume = findVolume(call.cluster, text(call, "node"), volid);
  if (volume === undefined) throw failure(`volume '${volid}' does not exist`);
  return { volume, storage };
}

function showVolume(call: Call): Record<string, unknown> {
  const { volume, storage } = volumeOf(call);
  return {
    path: volumePath(storage, volume.volid),
    format: volume.format,
    size: volume.sizeBytes,
    used: volume.sizeBytes,
  };
}

function deleteVolume(call: Call): string {
  const { cluster, caller } = call;
  const node = text(call, "node");
  const { volume, storage } = volumeOf(call);
  return startTask(cluster, { node, type: "imgdel", id: storage.name, caller }, ({ log }) => {
    if ([...cluster.volumes.values()].some((other) => other.parent === volume.volid)) {
      throw failure(`base volume '${volume.volid}' is still in use by linked cloned`);
    }
    removeVolume(cluster, node, volume.volid);
    log(`Removed volume '${volume.volid}'`);
  });
}

export const storageEndpoints: EndpointTable = {
  "GET /storage": listConfigs,
  "GET /storage/{storage}": (call) => ({ ...configOf(storageOf(call)), digest: configDigest(call) }),
  "GET /nodes/{node}/storage": listOnNode,
  "GET /nodes/{node}/storage/{storage}/status": (call) => usageOf(call, storageOf(call)),
  "GET /nodes/{node}/storage/{storage}/content": listContent,
  "GET /nodes/{node}/storage/{storage}/content/{volume}": showVolume,
  "DELETE /nodes/{node}/storage/{storage}/content/{volume}": deleteVolume,
};
