import { removeAcl } from "../access/access-state.ts";
import { splitList } from "../check/split-list.ts";
import { haResourceOf } from "../ha/managed-resources.ts";
import { removeHaResource } from "../ha/remove-resource.ts";
import { sidOf } from "../ha/resource-id.ts";
import { failure } from "../http/api-error.ts";
import { removeSection } from "../sections/section-file.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Section } from "../state/section.ts";

function replicationJobsOf({ datacenter }: Cluster, vmid: number): Section[] {
  return datacenter.sections.replicationJobs.filter(({ id }) => id.startsWith(`${vmid}-`));
}

/**
 * Checks that nothing but pools, permissions and its firewall refers to a VM, which go with it in any case.
 *
 * @throws ApiError 500 naming HA or the replication job.
 */
export function checkUnreferenced(cluster: Cluster, vmid: number): void {
  if (haResourceOf(cluster, vmid) !== undefined)
    throw failure(`unable to remove VM ${vmid} - used in HA resources and purge parameter not set.`);
  const [job] = replicationJobsOf(cluster, vmid);
  if (job === undefined) return;
  throw failure(`There is a replication job '${job.id}' for guest '${vmid}' - Please remove that first.`);
}

/** Removes what goes with every destroyed VM: pool memberships, its lines of the access list, its firewall. */
export function forgetVm({ pools, access, datacenter }: Cluster, vmid: number): void {
  for (const pool of pools.values()) pool.vmids.delete(vmid);
  removeAcl(access, ({ path }) => path === `/vms/${vmid}`);
  delete datacenter.firewalls.vms[vmid];
}

/** A job that saves no other machine goes with it. */
function leaveBackupJobs({ datacenter }: Cluster, vmid: number): void {
  const { backupJobs } = datacenter.sections;
  for (const job of [...backupJobs]) {
    const named = splitList(String(job.values["vmid"] ?? ""));
    if (!named.includes(String(vmid))) continue;
    const rest = named.filter((name) => name !== String(vmid));
    if (rest.length === 0) removeSection(backupJobs, job.id);
    else job.values["vmid"] = rest.join(",");
  }
}

/** Removes a VM from everything that refers to it by its id: replication, backup jobs, HA. */
export function purgeVm(cluster: Cluster, vmid: number, log: (line: string) => void): void {
  log(`purging VM ${vmid} from related configurations..`);
  const { replicationJobs } = cluster.datacenter.sections;
  for (const { id } of replicationJobsOf(cluster, vmid)) removeSection(replicationJobs, id);
  leaveBackupJobs(cluster, vmid);
  if (haResourceOf(cluster, vmid) === undefined) return;
  removeHaResource(cluster, sidOf(vmid), true);
  log(`NOTE: removed VM ${vmid} from HA resource configuration.`);
}
