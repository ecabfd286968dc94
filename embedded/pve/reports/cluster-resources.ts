import type { Caller } from "../access/caller.ts";
import { hasPrivilege } from "../access/permissions.ts";
import { haResourceOf, serviceState } from "../ha/managed-resources.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Vm } from "../state/vm.ts";
import { storageUsage } from "./storage-usage.ts";
import { vmStatus } from "./vm-status.ts";

function poolIdOf(cluster: Cluster, vmid: number): string | undefined {
  for (const pool of cluster.pools.values()) if (pool.vmids.has(vmid)) return pool.poolid;
  return undefined;
}

type Resource = Readonly<Record<string, unknown>>;

function identityOf(vm: Vm): Resource {
  return { id: `qemu/${vm.vmid}`, type: "qemu", node: vm.node, vmid: vm.vmid };
}

/** What the status daemon reports about a VM. */
export function liveVmResource(cluster: Cluster, vm: Vm): Resource {
  const {
    cpus,
    pid: _pid,
    serial: _serial,
    tags: _tags,
    lock: _lock,
    template: _template,
    balloon_min: _min,
    shares: _shares,
    ...status
  } = vmStatus(cluster, vm);
  const isTemplate = vm.config["template"] === 1 ? 1 : 0;
  return { ...status, template: isTemplate, maxcpu: cpus, diskread: 0, diskwrite: 0 };
}

/**
 * A VM in lists of the whole cluster, as the status daemon last saw it; until then, little more than its id. A VM
 * with the id of a destroyed one shows the old one's report until the next round.
 */
export function vmResource(cluster: Cluster, vm: Vm): Resource {
  const seen =
    cluster.delays.statusRoundMs === 0 ? liveVmResource(cluster, vm) : cluster.lastSeen.get(vm.vmid);
  const isUnknown = seen === undefined || cluster.downNodes.has(vm.node);
  return { ...seen, ...(isUnknown ? { status: "unknown" } : {}), ...identityOf(vm) };
}

/** What HA makes of a VM: the manager's word, else the state that is configured. */
function haStateOf(cluster: Cluster, vm: Vm): Resource {
  const resource = haResourceOf(cluster, vm.vmid);
  if (resource === undefined) return {};
  return { hastate: serviceState(cluster, resource, vm) ?? resource.values["state"] ?? null };
}

function visibleVms(cluster: Cluster, caller: Caller): unknown[] {
  return [...cluster.vms.values()]
    .filter((vm) => hasPrivilege(cluster, caller, `/vms/${vm.vmid}`, "VM.Audit"))
    .map((vm) => {
      const pool = poolIdOf(cluster, vm.vmid);
      const { tags, lock } = vm.config;
      return {
        ...vmResource(cluster, vm),
        ...(pool === undefined ? {} : { pool }),
        ...(tags === undefined ? {} : { tags }),
        ...(lock === undefined ? {} : { lock }),
        ...haStateOf(cluster, vm),
      };
    });
}

/** A node's load and size, for callers who may see them. */
export function nodeUsage(cluster: Cluster, name: string): Record<string, unknown> {
  const node = cluster.nodes.get(name);
  return {
    cpu: 0,
    maxcpu: node?.cpus ?? 0,
    mem: 0,
    maxmem: node?.memoryBytes ?? 0,
    disk: 0,
    maxdisk: 0,
    uptime: Math.floor(cluster.clock.ticks() / 100),
  };
}

function nodeResources(cluster: Cluster, caller: Caller): unknown[] {
  return [...cluster.nodes.keys()].map((node) => ({
    id: `node/${node}`,
    type: "node",
    node,
    status: cluster.downNodes.has(node) ? "offline" : "online",
    level: "",
    "cgroup-mode": 2,
    ...(hasPrivilege(cluster, caller, `/nodes/${node}`, "Sys.Audit") ? nodeUsage(cluster, node) : {}),
  }));
}

function storageResources(cluster: Cluster, caller: Caller): unknown[] {
  const storages = [...cluster.storages.values()].filter((storage) =>
    hasPrivilege(cluster, caller, `/storage/${storage.name}`, "Datastore.Audit", "Datastore.AllocateSpace"),
  );
  return [...cluster.nodes.keys()].flatMap((node) =>
    storages.map((storage) => {
      const { used, total } = storageUsage(cluster, storage, node);
      return {
        id: `storage/${node}/${storage.name}`,
        type: "storage",
        node,
        storage: storage.name,
        plugintype: storage.style,
        content: storage.content.join(","),
        shared: storage.shared ? 1 : 0,
        ...(cluster.downNodes.has(node)
          ? { status: "unknown" }
          : { status: "available", disk: used, maxdisk: total }),
      };
    }),
  );
}

function zoneResources(cluster: Cluster, caller: Caller): unknown[] {
  if (!hasPrivilege(cluster, caller, "/sdn/zones/localnetwork", "SDN.Audit")) return [];
  return [...cluster.nodes.keys()].map((node) => ({
    id: `network/${node}/zone/localnetwork`,
    type: "network",
    node,
    network: "localnetwork",
    "network-type": "zone",
    status: "ok",
  }));
}

function poolResources(cluster: Cluster, caller: Caller): unknown[] {
  return [...cluster.pools.keys()]
    .filter((pool) => hasPrivilege(cluster, caller, `/pool/${pool}`, "Pool.Audit"))
    .map((pool) => ({ id: `/pool/${pool}`, type: "pool", pool }));
}

const listers: Readonly<Record<string, (cluster: Cluster, caller: Caller) => unknown[]>> = {
  pool: poolResources,
  node: nodeResources,
  vm: visibleVms,
  storage: storageResources,
  sdn: zoneResources,
};

/** What `GET /cluster/resources` shows a caller, of all types or of one. */
export function clusterResources(cluster: Cluster, caller: Caller, type: string | undefined): unknown[] {
  return Object.entries(listers).flatMap(([name, list]) =>
    type === undefined || type === name ? list(cluster, caller) : [],
  );
}
