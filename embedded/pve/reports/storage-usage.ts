import { isStorageFull } from "../faults/check-space.ts";
import type { Cluster } from "../state/cluster.ts";
import type { PveStorage } from "../state/storage.ts";
import { volumesOn } from "../state/volume.ts";

/** Space of a storage on a node, in bytes: what was written to its volumes. */
export function storageUsage(cluster: Cluster, storage: PveStorage, node: string) {
  const total = storage.totalBytes;
  const sizes = volumesOn(cluster, storage, node).reduce(
    (sum, volume) => sum + (volume.usedBytes ?? volume.sizeBytes),
    0,
  );
  const used = isStorageFull(cluster, storage.name, node) ? total : sizes;
  return { total, used, avail: Math.max(0, total - used) };
}
