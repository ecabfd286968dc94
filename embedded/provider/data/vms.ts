import { randomUUID } from "node:crypto";
import { ApiError, inContext } from "../api/api-error.ts";
import { legacyDataSource } from "../legacy/legacy-data-source.ts";
import type { Section } from "../legacy/section.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { Diagnostic } from "../wire/diagnostic.ts";
import { listNodes } from "./list-nodes.ts";

interface ListedVm {
  readonly vmid: number;
  readonly name?: string;
  readonly status?: string;
  readonly tags?: string;
  readonly template?: number;
}

interface FoundVm {
  readonly vm_id: number;
  readonly node_name: string;
  readonly name: string;
  readonly status: string;
  readonly template: boolean;
  readonly tags: readonly string[];
}

/** proxmox_virtual_environment_vms: the VMs of one or all nodes that have every tag and match every filter. */
export function vmsDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    behaviours: { "filter.regex": { default: false } },
    read: async (config, session, warn) => {
      const wanted = config.text("node_name");
      const nodes = wanted === "" ? await nodeNames(session) : [wanted];
      const tags = config
        .texts("tags")
        .map((tag) => tag.trim())
        .filter((tag) => tag !== "");
      const lists: (readonly FoundVm[])[] = [];
      for (const node of nodes) lists.push(await vmsOf(session, node, warn));
      const vms = lists
        .flat()
        .filter((vm) => tags.every((tag) => vm.tags.includes(tag)))
        .filter((vm) => config.blocks("filter").every((filter) => matches(vm, filter)));
      return { vms: vms.map((vm) => ({ ...vm })), id: randomUUID() };
    },
  });
}

async function nodeNames(session: ProviderSession): Promise<readonly string[]> {
  const nodes = await inContext("error listing nodes", () => listNodes(session));
  return nodes.map(({ node }) => node);
}

async function vmsOf(
  { api, lifetime }: ProviderSession,
  node: string,
  warn: (diagnostic: Diagnostic) => void,
): Promise<readonly FoundVm[]> {
  try {
    const list = await inContext("error retrieving VMs", () =>
      api.request("GET", `nodes/${encodeURIComponent(node)}/qemu`, lifetime),
    );
    return (list as readonly ListedVm[])
      .toSorted((left, right) => left.vmid - right.vmid)
      .map((vm) => ({
        vm_id: vm.vmid,
        node_name: node,
        name: vm.name ?? "",
        status: vm.status ?? "",
        template: vm.template === 1,
        tags: (vm.tags ?? "") === "" ? [] : (vm.tags ?? "").split(";").sort(),
      }));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 595) throw error;
    warn({ severity: "WARNING", summary: `node "${node}" is not available - VM list may be incomplete` });
    return [];
  }
}

function matches(vm: FoundVm, filter: Section): boolean {
  const name = filter.text("name");
  const values: Readonly<Record<string, string>> = {
    name: vm.name,
    node_name: vm.node_name,
    status: vm.status,
    template: String(vm.template),
  };
  const value = values[name];
  if (value === undefined) {
    throw new Error(`unknown filter name '${name}', should be one of [name, template, status, node_name]`);
  }
  return filter
    .texts("values")
    .some((wanted) => (filter.flag("regex") ? new RegExp(wanted).test(value) : wanted === value));
}
