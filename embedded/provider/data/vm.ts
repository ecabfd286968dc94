import { ApiError } from "../api/api-error.ts";
import { createVmApi } from "../api/vm-api.ts";
import { legacyDataSource } from "../legacy/legacy-data-source.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";

/** proxmox_virtual_environment_vm: one VM; throws when it is not there. */
export function vmDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    deprecation: `Use "proxmox_vm" instead. This resource / data source will be removed in v1.0.`,
    read: async (config, { api, lifetime }) => {
      const vm = createVmApi(api, config.text("node_name"), config.number("vm_id"));
      const status = await readStatus(() => vm.status(lifetime), vm.vmid, vm.node);
      const stored = await vm.config(lifetime);
      const tags = (status.tags ?? "").split(";").map((tag) => tag.trim());
      return {
        id: String(vm.vmid),
        name: status.name ?? "",
        status: status.status,
        template: stored["template"] === 1,
        tags: tags.filter((tag) => tag !== "").sort(),
      };
    },
  });
}

async function readStatus<Status>(read: () => Promise<Status>, vmid: number, node: string): Promise<Status> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
    throw new Error(`VM ${vmid} not found on node "${node}"`, { cause: error });
  }
}
