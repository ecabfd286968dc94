import { groupsDataSource, rolesDataSource, usersDataSource } from "./data/access.ts";
import { datastoresDataSource } from "./data/datastores.ts";
import { fileDataSource, filesDataSource } from "./data/files.ts";
import {
  haGroupDataSource,
  haGroupsDataSource,
  haResourceDataSource,
  haResourcesDataSource,
} from "./data/ha.ts";
import { hardwareMappingDataSource, hardwareMappingsDataSource } from "./data/hardware-mappings.ts";
import { backupJobsDataSource, replicationDataSource, replicationsDataSource } from "./data/jobs.ts";
import { dnsDataSource, hostsDataSource, nodeDataSource } from "./data/node.ts";
import { nodesDataSource } from "./data/nodes.ts";
import { poolDataSource, poolsDataSource } from "./data/pools.ts";
import { versionDataSource } from "./data/version.ts";
import { vmDataSource } from "./data/vm.ts";
import { vmsDataSource } from "./data/vms.ts";
import type { DataSourceType, ResourceType } from "./resource-type.ts";
import { aclResource } from "./resources/access/acl.ts";
import { groupResource } from "./resources/access/group.ts";
import { roleResource } from "./resources/access/role.ts";
import { userResource } from "./resources/access/user.ts";
import { userToken } from "./resources/access/user-token.ts";
import { backupJob } from "./resources/cluster/backup-job.ts";
import { haGroup } from "./resources/cluster/ha-group.ts";
import { haResource } from "./resources/cluster/ha-resource.ts";
import { haRule } from "./resources/cluster/ha-rule.ts";
import { hardwareMapping } from "./resources/cluster/hardware-mapping.ts";
import { replication } from "./resources/cluster/replication.ts";
import { downloadFile } from "./resources/files/download-file.ts";
import { fileResource } from "./resources/files/file.ts";
import { clusterFirewall } from "./resources/firewall/cluster-firewall.ts";
import { firewallAlias } from "./resources/firewall/firewall-alias.ts";
import { firewallIpset } from "./resources/firewall/firewall-ipset.ts";
import { firewallOptions } from "./resources/firewall/firewall-options.ts";
import { firewallRules } from "./resources/firewall/firewall-rules.ts";
import { securityGroup } from "./resources/firewall/security-group.ts";
import { hostsResource } from "./resources/hosts.ts";
import { nodeFirewall } from "./resources/node-firewall.ts";
import { poolResource } from "./resources/pool.ts";
import { poolMembership } from "./resources/pool-membership.ts";
import { vmResource } from "./resources/vm/vm-resource.ts";
import { providerSchema, type TypeSchema } from "./schema/schema.ts";

const resourceMakers: Readonly<Record<string, (schema: TypeSchema) => ResourceType>> = {
  proxmox_acl: aclResource,
  proxmox_backup_job: backupJob,
  proxmox_download_file: downloadFile,
  proxmox_hagroup: haGroup,
  proxmox_haresource: haResource,
  proxmox_hardware_mapping_dir: hardwareMapping("dir"),
  proxmox_hardware_mapping_pci: hardwareMapping("pci"),
  proxmox_hardware_mapping_usb: hardwareMapping("usb"),
  proxmox_harule: haRule,
  proxmox_node_firewall: nodeFirewall,
  proxmox_pool_membership: poolMembership,
  proxmox_replication: replication,
  proxmox_user_token: userToken,
  proxmox_virtual_environment_cluster_firewall: clusterFirewall,
  proxmox_virtual_environment_cluster_firewall_security_group: securityGroup,
  proxmox_virtual_environment_file: fileResource,
  proxmox_virtual_environment_firewall_alias: firewallAlias,
  proxmox_virtual_environment_firewall_ipset: firewallIpset,
  proxmox_virtual_environment_firewall_options: firewallOptions,
  proxmox_virtual_environment_firewall_rules: firewallRules,
  proxmox_virtual_environment_group: groupResource,
  proxmox_virtual_environment_hosts: hostsResource,
  proxmox_virtual_environment_pool: poolResource,
  proxmox_virtual_environment_role: roleResource,
  proxmox_virtual_environment_user: userResource,
  proxmox_virtual_environment_vm: vmResource,
};

const dataSourceMakers: Readonly<Record<string, (schema: TypeSchema) => DataSourceType>> = {
  proxmox_backup_jobs: backupJobsDataSource,
  proxmox_datastores: datastoresDataSource,
  proxmox_file: fileDataSource,
  proxmox_files: filesDataSource,
  proxmox_hagroup: haGroupDataSource,
  proxmox_hagroups: haGroupsDataSource,
  proxmox_hardware_mapping_dir: hardwareMappingDataSource("dir"),
  proxmox_hardware_mapping_pci: hardwareMappingDataSource("pci"),
  proxmox_hardware_mapping_usb: hardwareMappingDataSource("usb"),
  proxmox_hardware_mappings: hardwareMappingsDataSource,
  proxmox_haresource: haResourceDataSource,
  proxmox_haresources: haResourcesDataSource,
  proxmox_replication: replicationDataSource,
  proxmox_replications: replicationsDataSource,
  proxmox_version: versionDataSource,
  proxmox_virtual_environment_dns: dnsDataSource,
  proxmox_virtual_environment_groups: groupsDataSource,
  proxmox_virtual_environment_hosts: hostsDataSource,
  proxmox_virtual_environment_node: nodeDataSource,
  proxmox_virtual_environment_nodes: nodesDataSource,
  proxmox_virtual_environment_pool: poolDataSource,
  proxmox_virtual_environment_pools: poolsDataSource,
  proxmox_virtual_environment_roles: rolesDataSource,
  proxmox_virtual_environment_users: usersDataSource,
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
