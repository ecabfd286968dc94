import { inContext } from "../api/api-error.ts";
import { expectData } from "../api/expect-data.ts";
import { readHosts } from "../api/hosts.ts";
import { legacyDataSource } from "../legacy/legacy-data-source.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";

interface NodeStatus {
  readonly cpu?: number;
  readonly cpuinfo?: Readonly<Record<string, number | string | undefined>>;
  readonly memory?: { readonly free?: number; readonly used?: number; readonly total?: number };
  readonly uptime?: number;
}

/** proxmox_virtual_environment_node: what one node has and uses. */
export function nodeDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    behaviours: { cpu_utilization: { isFloat: true } },
    read: async (config, session) => {
      const name = config.text("node_name");
      const data = await get(
        `nodes/${encodeURIComponent(name)}/status`,
        `failed to get status of the node "${name}"`,
        session,
      );
      const { cpu = 0, cpuinfo = {}, memory = {}, uptime = 0 } = data as NodeStatus;
      return {
        id: name,
        cpu_cores: cpuinfo["cores"] ?? 1,
        cpu_count: cpuinfo["cpus"] ?? 1,
        cpu_sockets: cpuinfo["sockets"] ?? 1,
        cpu_model: cpuinfo["model"] ?? "",
        cpu_utilization: Math.round(cpu * 100) / 100,
        memory_available: memory.free ?? 0,
        memory_used: memory.used ?? 0,
        memory_total: memory.total ?? 0,
        uptime,
      };
    },
  });
}

/** proxmox_virtual_environment_dns: whom one node asks for names. */
export function dnsDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    read: async (config, session) => {
      const name = config.text("node_name");
      const data = await get(
        `nodes/${encodeURIComponent(name)}/dns`,
        "error retrieving DNS configuration",
        session,
      );
      const given = data as Readonly<Record<string, string | undefined>>;
      const servers = [given["dns1"], given["dns2"], given["dns3"]];
      return {
        id: `${name}_dns`,
        domain: given["search"] ?? "",
        servers: servers.filter((server) => server !== undefined),
      };
    },
  });
}

/** proxmox_virtual_environment_hosts: the names and addresses in one node's hosts file. */
export function hostsDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    read: async (config, { api, lifetime }) => {
      const name = config.text("node_name");
      const { digest, entries } = await readHosts(api, name, lifetime);
      return {
        id: `${name}_hosts`,
        digest,
        entries,
        addresses: entries.map(({ address }) => address ?? null),
        hostnames: entries.map(({ hostnames }) => hostnames ?? null),
      };
    },
  });
}

async function get(path: string, context: string, { api, lifetime }: ProviderSession): Promise<unknown> {
  return expectData(await inContext(context, () => api.request("GET", path, lifetime)));
}
