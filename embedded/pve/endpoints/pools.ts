import { hasPrivilege, requirePrivileges } from "../access/permissions.ts";
import { splitList } from "../check/split-list.ts";
import { failure } from "../http/api-error.ts";
import { vmResource } from "../reports/cluster-resources.ts";
import type { Pool } from "../state/cluster.ts";
import { type Call, type EndpointTable, flag, optionalText, text } from "./endpoint.ts";

function poolOf(call: Call): Pool {
  const poolid = text(call, "poolid");
  const pool = call.cluster.pools.get(poolid);
  if (pool === undefined) throw failure(`pool '${poolid}' does not exist`);
  return pool;
}

function summary({ poolid, comment }: Pool): Record<string, unknown> {
  return { poolid, ...(comment ? { comment } : {}) };
}

function members({ cluster }: Call, pool: Pool): unknown[] {
  const vms = [...pool.vmids]
    .flatMap((vmid) => cluster.vms.get(vmid) ?? [])
    .map((vm) => vmResource(cluster, vm));
  const storages = [...cluster.nodes.keys()].flatMap((node) =>
    [...pool.storages].map((storage) => ({
      id: `storage/${node}/${storage}`,
      node,
      storage,
      type: "storage",
    })),
  );
  return [...vms, ...storages];
}

function listPools(call: Call): unknown[] {
  const { cluster, caller } = call;
  if (optionalText(call, "poolid") !== undefined) {
    const pool = poolOf(call);
    requirePrivileges(cluster, caller, `/pool/${pool.poolid}`, ["Pool.Audit"]);
    return [{ ...summary(pool), members: members(call, pool) }];
  }
  return [...cluster.pools.values()]
    .filter((pool) => hasPrivilege(cluster, caller, `/pool/${pool.poolid}`, "Pool.Audit"))
    .toSorted((one, other) => (one.poolid < other.poolid ? -1 : 1))
    .map(summary);
}

function showPool(call: Call): Record<string, unknown> {
  const pool = poolOf(call);
  return { ...summary(pool), members: members(call, pool) };
}

function createPool(call: Call): null {
  const { pools } = call.cluster;
  const poolid = text(call, "poolid");
  if (pools.has(poolid)) throw failure(`create pool failed: pool '${poolid}' already exists`);
  pools.set(poolid, {
    poolid,
    comment: optionalText(call, "comment"),
    vmids: new Set(),
    storages: new Set(),
  });
  return null;
}

function removeVms(pool: Pool, vmids: readonly number[]): void {
  for (const vmid of vmids) {
    if (!pool.vmids.delete(vmid)) throw failure(`update pools failed: VM ${vmid} is not a pool member`);
  }
}

function addVms(call: Call, pool: Pool, vmids: readonly number[]): void {
  for (const vmid of vmids) {
    const other = [...call.cluster.pools.values()].find((candidate) => candidate.vmids.has(vmid));
    if (other === pool) throw failure(`update pools failed: VM ${vmid} is already a pool member`);
    if (other !== undefined && !flag(call, "allow-move")) {
      throw failure(`update pools failed: VM ${vmid} belongs already to pool '${other.poolid}'`);
    }
    other?.vmids.delete(vmid);
    pool.vmids.add(vmid);
  }
}

function updatePool(call: Call): null {
  const pool = poolOf(call);
  const comment = optionalText(call, "comment");
  if (comment !== undefined) pool.comment = comment;
  const vmids = splitList(call.parameters["vms"]).map(Number);
  if (flag(call, "delete")) removeVms(pool, vmids);
  else addVms(call, pool, vmids);
  for (const storage of splitList(call.parameters["storage"])) {
    if (flag(call, "delete")) pool.storages.delete(storage);
    else pool.storages.add(storage);
  }
  return null;
}

function deletePool(call: Call): null {
  const poolid = text(call, "poolid");
  const pool = call.cluster.pools.get(poolid);
  if (pool === undefined) throw failure(`delete pool failed: pool '${poolid}' does not exist`);
  const [member] = pool.vmids;
  if (member !== undefined) {
    throw failure(`delete pool failed: pool '${poolid}' is not empty (contains VM ${member})`);
  }
  call.cluster.pools.delete(poolid);
  return null;
}

export const poolEndpoints: EndpointTable = {
  "GET /pools": listPools,
  "POST /pools": createPool,
  "PUT /pools": updatePool,
  "DELETE /pools": deletePool,
  "GET /pools/{poolid}": showPool,
  "PUT /pools/{poolid}": updatePool,
  "DELETE /pools/{poolid}": deletePool,
};
