import { accessEndpoints } from "./access.ts";
import { accessAdminEndpoints } from "./access-admin.ts";
import { clusterEndpoints } from "./cluster.ts";
import type { Endpoint } from "./endpoint.ts";
import { firewallEndpoints } from "./firewall.ts";
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
import { qemuSnapshotEndpoints } from "./qemu-snapshots.ts";
import { storageEndpoints } from "./storage.ts";
import { taskEndpoints } from "./tasks.ts";
import { versionEndpoints } from "./version.ts";

/** Every endpoint that the embedded server answers, `"GET /version"` to its function. */
export const endpoints: ReadonlyMap<string, Endpoint> = new Map(
  Object.entries({
    ...accessAdminEndpoints,
    ...accessEndpoints,
    ...clusterEndpoints,
    ...firewallEndpoints,
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
    ...qemuSnapshotEndpoints,
    ...storageEndpoints,
    ...taskEndpoints,
    ...versionEndpoints,
  }),
);
