import { removeSection } from "../sections/section-file.ts";
import type { Cluster } from "../state/cluster.ts";

/** Removes the replication jobs whose last run is over. */
export function finishReplicationRemovals({ datacenter, clock }: Cluster): void {
  const { leavingJobs, sections } = datacenter;
  for (const [id, goneAtMs] of Object.entries(leavingJobs)) {
    if (goneAtMs > clock.nowMs()) continue;
    removeSection(sections.replicationJobs, id);
    delete leavingJobs[id];
  }
}
