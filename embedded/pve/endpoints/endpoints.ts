import { accessEndpoints } from "./access.ts";
import { accessAclEndpoints } from "./access-acl.ts";
import { accessGroupEndpoints } from "./access-groups.ts";
import { accessRoleEndpoints } from "./access-roles.ts";
import { accessTokenEndpoints } from "./access-tokens.ts";
import { accessUserEndpoints } from "./access-users.ts";
import { backupJobEndpoints } from "./backup-jobs.ts";
import { clusterEndpoints } from "./cluster.ts";
import { clusterOptionEndpoints } from "./cluster-options.ts";
import type { Endpoint } from "./endpoint.ts";
import { firewallEndpoints } from "./firewall.ts";
import { haResourceEndpoints } from "./ha-resources.ts";
import { haRuleEndpoints } from "./ha-rules.ts";
import { haStatusEndpoints } from "./ha-status.ts";
import { mappingEndpoints } from "./mappings.ts";
import { metricServerEndpoints } from "./metric-servers.ts";
import { nodeHardwareEndpoints } from "./node-hardware.ts";
import { nodeNetworkEndpoints } from "./node-network.ts";
import { nodeReplicationEndpoints } from "./node-replication.ts";
import { nodeSettingEndpoints } from "./node-settings.ts";
import { nodeEndpoints } from "./nodes.ts";
import { poolEndpoints } from "./pools.ts";
import { qemuAgentEndpoints } from "./qemu-agent.ts";
import { qemuCloneEndpoints } from "./qemu-clone.ts";
import { qemuCloudInitEndpoints } from "./qemu-cloudinit.ts";
import { qemuConfigEndpoints } from "./qemu-config.ts";
import { qemuDiskEndpoints } from "./qemu-disks.ts";
import { qemuLifecycleEndpoints } from "./qemu-lifecycle.ts";
import { qemuMigrateEndpoints } from "./qemu-migrate.ts";
import { qemuPowerEndpoints } from "./qemu-power.ts";
import { qemuSendKeyEndpoints } from "./qemu-sendkey.ts";
import { qemuSnapshotEndpoints } from "./qemu-snapshots.ts";
import { realmEndpoints } from "./realms.ts";
import { replicationJobEndpoints } from "./replication-jobs.ts";
import { storageEndpoints } from "./storage.ts";
import { storageContentEndpoints } from "./storage-content.ts";
import { storageFileEndpoints } from "./storage-files.ts";
import { taskEndpoints } from "./tasks.ts";
import { usageEndpoints } from "./usage.ts";
import { versionEndpoints } from "./version.ts";

/** Every endpoint that the embedded server answers, `"GET /version"` to its function. */
export const endpoints: ReadonlyMap<string, Endpoint> = new Map(
  Object.entries({
    ...accessAclEndpoints,
    ...accessGroupEndpoints,
    ...accessRoleEndpoints,
    ...accessTokenEndpoints,
    ...accessUserEndpoints,
    ...backupJobEndpoints,
    ...accessEndpoints,
    ...clusterEndpoints,
    ...clusterOptionEndpoints,
    ...firewallEndpoints,
    ...haResourceEndpoints,
    ...haRuleEndpoints,
    ...haStatusEndpoints,
    ...mappingEndpoints,
    ...metricServerEndpoints,
    ...nodeHardwareEndpoints,
    ...nodeNetworkEndpoints,
    ...nodeReplicationEndpoints,
    ...nodeSettingEndpoints,
    ...nodeEndpoints,
    ...poolEndpoints,
    ...qemuAgentEndpoints,
    ...qemuCloneEndpoints,
    ...qemuCloudInitEndpoints,
    ...qemuConfigEndpoints,
    ...qemuDiskEndpoints,
    ...qemuLifecycleEndpoints,
    ...qemuMigrateEndpoints,
    ...qemuPowerEndpoints,
    ...qemuSendKeyEndpoints,
    ...qemuSnapshotEndpoints,
    ...realmEndpoints,
    ...replicationJobEndpoints,
    ...storageContentEndpoints,
    ...storageEndpoints,
    ...storageFileEndpoints,
    ...taskEndpoints,
    ...usageEndpoints,
    ...versionEndpoints,
  }),
);
