import { createHash } from "node:crypto";
import { hasPrivilege } from "../access/permissions.ts";
import { failure } from "../http/api-error.ts";
import { storageUsage } from "../reports/storage-usage.ts";
import { type PveStorage, pathOf } from "../state/storage.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";

/**
 * The storage that a call names.
 *
 * @throws ApiError 500 when there is none.
 */
export function storageOf(call: Call): PveStorage {
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
  const places = {
    dir: { path: pathOf(storage) },
    lvmthin: { vgname: "pve", thinpool: "data" },
    zfspool: { pool: "rpool/data" },
  };
  return {
    storage: storage.name,
    type: storage.style,
    content: storage.content.join(","),
    ...places[storage.style],
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

/** What can be asked about a storage on a node. */
const areas = ["content", "status", "upload", "download-url", "prunebackups", "rrd", "rrddata"];

function listAreas(call: Call): unknown[] {
  storageOf(call);
  return areas.map((subdir) => ({ subdir }));
}

export const storageEndpoints: EndpointTable = {
  "GET /storage": listConfigs,
  "GET /storage/{storage}": (call) => ({ ...configOf(storageOf(call)), digest: configDigest(call) }),
  "GET /nodes/{node}/storage": listOnNode,
  "GET /nodes/{node}/storage/{storage}/status": (call) => usageOf(call, storageOf(call)),
  "GET /nodes/{node}/storage/{storage}": listAreas,
};
