import type { Cluster } from "../state/cluster.ts";
import type { PveStorage } from "../state/storage.ts";
import { volumesOn } from "../state/volume.ts";

/** Space of a storage on a node, in bytes; the embedded volumes count with their whole size. */
export function storageUsage(cluster: Cluster, storage: PveStorage, node: string) {
  const used = volumesOn(cluster, storage, node).reduce((sum, volume) => sum + volume.sizeBytes, 0);
  const total = storage.totalBytes;
  return { total, used, avail: Math.max(0, total - used) };
}
