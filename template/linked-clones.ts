import { runBounded } from "../lib/run-bounded.ts";
import type { ProxmoxClient } from "../proxmox/client.ts";

interface Volume {
  readonly volid: string;
  readonly vmid?: number;
  /** Volume that this one reads through to, on storages that tell. */
  readonly parent?: string | null;
}

interface Storage {
  readonly storage: string;
  readonly content: string;
  readonly active?: number;
}

const questionsAtOnce = 4;

/**
 * Which machines read through to which template's disks, by the template's VMID: the disks of linked clones name their
 * base. On LVM-thin they do not, and do not depend on it either (Proxmox VE, LvmThinPlugin).
 */
export async function linkedClones(client: ProxmoxClient): Promise<ReadonlyMap<number, ReadonlySet<number>>> {
  const nodes = (await client.get("nodes")) as readonly { node: string; status?: string }[];
  const online = nodes.filter(({ status }) => status === "online").map(({ node }) => node);
  const volumes = await runBounded(online, questionsAtOnce, (node) => imagesOn(client, node));
  const clones = new Map<number, Set<number>>();
  for (const { vmid, base } of volumes.flat().flatMap(linkOf)) {
    clones.set(base, (clones.get(base) ?? new Set()).add(vmid));
  }
  return clones;
}

async function imagesOn(client: ProxmoxClient, node: string): Promise<Volume[]> {
  const path = `nodes/${encodeURIComponent(node)}/storage`;
  const storages = (await client.get(path)) as readonly Storage[];
  const usable = storages.filter(({ content, active }) => content.includes("images") && active !== 0);
  const lists = await runBounded(usable, questionsAtOnce, ({ storage }) =>
    client.get(`${path}/${encodeURIComponent(storage)}/content`, { content: "images" }),
  );
  return (lists as Volume[][]).flat();
}

function linkOf({ volid, vmid, parent }: Volume): { vmid: number; base: number }[] {
  if (vmid === undefined) return [];
  const own = Number(vmid);
  const base = Number(/\bbase-(\d+)-/.exec(parent ?? "")?.[1] ?? /\bbase-(\d+)-[^/]*\/\d*/.exec(volid)?.[1]);
  return Number.isNaN(base) || base === own ? [] : [{ vmid: own, base }];
}
