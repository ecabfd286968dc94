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
}

interface VmRow {
  readonly vmid: number;
  readonly type?: string;
  readonly node?: string;
  readonly name?: string;
  readonly template?: number;
}

/**
 * Every machine and container that the token may see, by VMID. The cluster's own list lags by up to 10 seconds and
 * keeps what was deleted, so each node that is up is asked for its machines itself; the list gives the containers and
 * what lies on nodes that are down.
 */
export async function listVms(client: ProxmoxClient): Promise<ClusterVm[]> {
  const nodes = rowsOf<{ node: string; status?: string }>(await client.get("nodes"));
  const online = nodes.filter(({ status }) => status === "online").map(({ node }) => node);
  const [cluster, ...ofNodes] = await Promise.all([
    client.get("cluster/resources", { type: "vm" }),
    ...online.map((node) => machinesOf(client, node)),
  ]);
  const listed = rowsOf<VmRow>(cluster).map((row) =>
    toVm(row, row.node ?? "", row.type === "lxc" ? "lxc" : "qemu"),
  );
  const others = listed.filter(({ kind, node }) => kind === "lxc" || !online.includes(node));
  return [...others, ...ofNodes.flat()].toSorted((left, right) => left.vmId - right.vmId);
}

async function machinesOf(client: ProxmoxClient, node: string): Promise<ClusterVm[]> {
  const rows = rowsOf<VmRow>(await client.get(`nodes/${encodeURIComponent(node)}/qemu`));
  return rows.map((row) => toVm(row, node, "qemu"));
}

function toVm({ vmid, name = "", template }: VmRow, node: string, kind: ClusterVm["kind"]): ClusterVm {
  return { vmId: Number(vmid), kind, node, name, isTemplate: template === 1 };
}

function rowsOf<T>(data: unknown): T[] {
  if (Array.isArray(data)) return data as T[];
  throw new NixherdError("PROXMOX_API_FAILED", {
    message: `Proxmox VE answered the request for a list with ${typeof data}.`,
    hint: "Check that the endpoint is Proxmox VE's API.",
  });
}
