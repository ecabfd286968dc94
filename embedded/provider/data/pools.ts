import { getPool, listPoolIds, memberValues } from "../api/pools.ts";
import { legacyDataSource } from "../legacy/legacy-data-source.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";

/** proxmox_virtual_environment_pools: the ids of all pools. */
export function poolsDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    read: async (_config, { api, lifetime }) => ({ id: "pools", pool_ids: await listPoolIds(api, lifetime) }),
  });
}

/** proxmox_virtual_environment_pool: one pool with its members. */
export function poolDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    read: async (config, { api, lifetime }) => {
      const id = config.text("pool_id");
      const pool = await getPool(api, id, lifetime);
      return { id, comment: pool.comment ?? "", members: memberValues(pool) };
    },
  });
}
