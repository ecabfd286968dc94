import { NixherdError } from "../lib/errors.ts";
import type { ProxmoxClient } from "./client.ts";

/** A machine or container that has a VMID. */
export interface ClusterVm {
  readonly vmId: number;
  readonly kind: "qemu" | "lxc";
  readonly node: string;
  /** "" while the cluster does not tell it. */
  readonly name: string;
  readonly isTemplate: boolean;
  readonly tags: readonly string[];
  /** Why the machine is locked, such as "backup"; absent when it is not. */
  readonly lock?: string;
  /** What QEMU says of it, such as "running", "paused", "stopped"; absent unless details were asked for. */
  readonly qemuStatus?: string;
  /** Absent when it is in no pool. */
  readonly pool?: string;
}

interface VmRow {
  readonly vmid: number;
  readonly type?: string;
  readonly node?: string;
  readonly name?: string;
  readonly template?: number;
  readonly tags?: string;
  readonly lock?: string;
  readonly qmpstatus?: string;
  readonly pool?: string;
}

interface ListOptions {
  /** Have every node ask each running machine for its state, which takes the node longer. Defaults to false. */
  readonly hasDetails?: boolean;
}

/**
 * Every machine and container that the token may see, by VMID. The cluster's own list lags by up to 10 seconds and
 * keeps what was deleted, so each node that is up is asked for its machines itself; the list gives the containers and
 * what lies on nodes that are down.
 */
export async function listVms(
  client: ProxmoxClient,
  { hasDetails = false }: ListOptions = {},
): Promise<ClusterVm[]> {
  const nodes = rowsOf<{ node: string; status?: string }>(await client.get("nodes"));
  const online = nodes.filter(({ status }) => status === "online").map(({ node }) => node);
  const [cluster, ...ofNodes] = await Promise.all([
    client.get("cluster/resources", { type: "vm" }),
    ...online.map((node) => machinesOf(client, node, hasDetails)),
  ]);
  const listed = rowsOf<VmRow>(cluster).map((row) =>
    toVm(row, row.node ?? "", row.type === "lxc" ? "lxc" : "qemu"),
  );
  // Only the cluster's list tells the pools.
  const pools = new Map(listed.flatMap(({ vmId, pool }) => (pool === undefined ? [] : [[vmId, pool]])));
  const others = listed.filter(({ kind, node }) => kind === "lxc" || !online.includes(node));
  const own = ofNodes.flat().map((vm) => ({ ...vm, ...poolOf(vm.vmId, pools) }));
  return [...others, ...own].toSorted((left, right) => left.vmId - right.vmId);
}

async function machinesOf(client: ProxmoxClient, node: string, hasDetails: boolean): Promise<ClusterVm[]> {
  const query = hasDetails ? { full: 1 } : {};
  const rows = rowsOf<VmRow>(await client.get(`nodes/${encodeURIComponent(node)}/qemu`, query));
  return rows.map((row) => toVm(row, node, "qemu"));
}

function poolOf(vmId: number, pools: ReadonlyMap<number, string>): { pool?: string } {
  const pool = pools.get(vmId);
  return pool === undefined ? {} : { pool };
}

function toVm(row: VmRow, node: string, kind: ClusterVm["kind"]): ClusterVm {
  const { vmid, name = "", template, tags = "", lock, qmpstatus, pool } = row;
  return {
    vmId: Number(vmid),
    kind,
    node,
    name,
    isTemplate: template === 1,
    tags: tags.split(/[;, ]+/).filter((tag) => tag !== ""),
    ...(lock ? { lock } : {}),
    ...(qmpstatus ? { qemuStatus: qmpstatus } : {}),
    ...(pool ? { pool } : {}),
  };
}

function rowsOf<T>(data: unknown): T[] {
  if (Array.isArray(data)) return data as T[];
  throw new NixherdError("PROXMOX_API_FAILED", {
    message: `Proxmox VE answered the request for a list with ${typeof data}.`,
    hint: "Check that the endpoint is Proxmox VE's API.",
  });
}
