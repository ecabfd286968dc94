import { NixherdError } from "../lib/errors.ts";
import { runBounded } from "../lib/run-bounded.ts";
import type { ProxmoxClient } from "../proxmox/client.ts";
import { listVms } from "../proxmox/list-vms.ts";
import { readTemplateFacts, type TemplateFacts, type VmConfig } from "./template-facts.ts";

/** A template on the cluster. */
export interface ClusterTemplate extends TemplateFacts {
  readonly vmId: number;
  readonly node: string;
  readonly name: string;
}

const questionsAtOnce = 8;

/** Path of a machine in the API. */
export function pathOf({ node, vmId }: { readonly node: string; readonly vmId: number }): string {
  return `nodes/${encodeURIComponent(node)}/qemu/${vmId}`;
}

/** Every template that the token may see, by VMID. */
export async function listTemplates(client: ProxmoxClient): Promise<ClusterTemplate[]> {
  const all = (await listVms(client)).filter(({ kind, isTemplate }) => kind === "qemu" && isTemplate);
  return runBounded(all, questionsAtOnce, (vm) => readTemplate(client, vm));
}

/** Reads one machine as a template; whether it is one is among the facts. */
export async function readTemplate(
  client: ProxmoxClient,
  { vmId, node, name }: { readonly vmId: number; readonly node: string; readonly name: string },
): Promise<ClusterTemplate> {
  const config = (await client.get(`${pathOf({ node, vmId })}/config`)) as VmConfig;
  return { vmId, node, name: String(config["name"] ?? name), ...readTemplateFacts(config) };
}

/**
 * Finds a template by its name or VMID.
 * @throws TEMPLATE_MISSING when none or several are meant
 */
export async function findTemplate(client: ProxmoxClient, nameOrVmId: string): Promise<ClusterTemplate> {
  const templates = await listTemplates(client);
  const found = templates.filter(({ vmId, name }) => name === nameOrVmId || String(vmId) === nameOrVmId);
  const [template] = found;
  if (template !== undefined && found.length === 1) return template;
  throw new NixherdError("TEMPLATE_MISSING", {
    message:
      found.length > 1
        ? `${found.length} templates are called ${nameOrVmId}: ${found.map(({ vmId }) => vmId).join(", ")}.`
        : `There is no template ${nameOrVmId} that this token may see.`,
    hint: "nixherd template list shows the templates; give the VMID of one of them.",
  });
}
