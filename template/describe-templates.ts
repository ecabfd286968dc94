import type { ProxmoxClient } from "../proxmox/client.ts";
import { type Catalogue, keysOf } from "./catalogue-keys.ts";
import { listTemplates } from "./cluster-template.ts";
import { linkedClones } from "./linked-clones.ts";
import { machineOrigins } from "./machine-origins.ts";

/** A template, how old it is and what came from it. */
export interface DescribedTemplate {
  readonly vmId: number;
  readonly name: string;
  readonly node: string;
  readonly firmware: "seabios" | "ovmf";
  /** RFC 3339, UTC; absent when nobody tells. */
  readonly created?: string;
  readonly ageDays?: number;
  /** Keys of the catalogue that mean it. */
  readonly keys: readonly string[];
  /** VMIDs of machines whose disks read through to its own. */
  readonly linked: readonly number[];
  /** VMIDs of running machines that say, by the marker inside, that they came from it. */
  readonly machines: readonly number[];
}

const dayMs = 24 * 60 * 60_000;

/** Describes every template that the token may see, by VMID. */
export async function describeTemplates(
  client: ProxmoxClient,
  catalogue: Catalogue,
  now: Date = new Date(),
): Promise<DescribedTemplate[]> {
  const [templates, linked, origins] = await Promise.all([
    listTemplates(client),
    linkedClones(client),
    machineOrigins(client),
  ]);
  return templates.map((template) => {
    const { vmId, name, node, firmware, createdAtSeconds } = template;
    const createdMs = createdAtSeconds === undefined ? undefined : createdAtSeconds * 1000;
    return {
      vmId,
      name,
      node,
      firmware,
      ...(createdMs === undefined
        ? {}
        : {
            created: new Date(createdMs).toISOString(),
            ageDays: Math.max(0, Math.floor((now.getTime() - createdMs) / dayMs)),
          }),
      keys: keysOf(template, catalogue),
      linked: [...(linked.get(vmId) ?? [])].toSorted((left, right) => left - right),
      machines: origins.flatMap((origin) => (origin.version === name ? [origin.vmId] : [])),
    };
  });
}
