import { datastoresDataSource } from "./data/datastores.ts";
import { nodesDataSource } from "./data/nodes.ts";
import { poolDataSource, poolsDataSource } from "./data/pools.ts";
import { versionDataSource } from "./data/version.ts";
import { vmDataSource } from "./data/vm.ts";
import { vmsDataSource } from "./data/vms.ts";
import type { DataSourceType, ResourceType } from "./resource-type.ts";
import { poolResource } from "./resources/pool.ts";
import { vmResource } from "./resources/vm/vm-resource.ts";
import { providerSchema, type TypeSchema } from "./schema/schema.ts";

const resourceMakers: Readonly<Record<string, (schema: TypeSchema) => ResourceType>> = {
  proxmox_virtual_environment_pool: poolResource,
  proxmox_virtual_environment_vm: vmResource,
};

const dataSourceMakers: Readonly<Record<string, (schema: TypeSchema) => DataSourceType>> = {
  proxmox_datastores: datastoresDataSource,
  proxmox_version: versionDataSource,
  proxmox_virtual_environment_nodes: nodesDataSource,
  proxmox_virtual_environment_pool: poolDataSource,
  proxmox_virtual_environment_pools: poolsDataSource,
  proxmox_virtual_environment_vm: vmDataSource,
  proxmox_virtual_environment_vms: vmsDataSource,
};

/** Every kind of resource that the stand-in knows, by type name. */
export const resourceTypes: ReadonlyMap<string, ResourceType> = make(
  resourceMakers,
  providerSchema.resource_schemas,
);

/** Every kind of data source that the stand-in knows, by type name. */
export const dataSourceTypes: ReadonlyMap<string, DataSourceType> = make(
  dataSourceMakers,
  providerSchema.data_source_schemas,
);

function make<Type>(
  makers: Readonly<Record<string, (schema: TypeSchema) => Type>>,
  schemas: Readonly<Record<string, TypeSchema>>,
): ReadonlyMap<string, Type> {
  return new Map(
    Object.entries(makers).map(([name, maker]) => {
      const schema = schemas[name];
      if (schema === undefined) throw new TypeError(`the saved schema has no ${name}`);
      return [name, maker(schema)];
    }),
  );
}
