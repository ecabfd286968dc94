import { legacyDataSource } from "../legacy/legacy-data-source.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import { listNodes } from "./list-nodes.ts";

/** proxmox_virtual_environment_nodes: parallel lists with one entry per node. */
export function nodesDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    behaviours: { "cpu_utilization.*": { isFloat: true } },
    read: async (_config, session) => {
      const nodes = await listNodes(session);
      return {
        id: "nodes",
        cpu_count: nodes.map(({ maxcpu }) => maxcpu ?? 1),
        cpu_utilization: nodes.map(({ cpu }) => Math.round((cpu ?? 0) * 100) / 100),
        memory_available: nodes.map(({ maxmem }) => maxmem ?? 0),
        memory_used: nodes.map(({ mem }) => mem ?? 0),
        names: nodes.map(({ node }) => node),
        online: nodes.map(({ status }) => status === "online"),
        ssl_fingerprints: nodes.map(({ ssl_fingerprint }) => ssl_fingerprint ?? ""),
        support_levels: nodes.map(({ level }) => level ?? ""),
        uptime: nodes.map(({ uptime }) => uptime ?? 0),
      };
    },
  });
}
