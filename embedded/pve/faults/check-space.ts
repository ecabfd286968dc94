import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { PveStorage } from "../state/storage.ts";
import { isInForce } from "./fault-state.ts";

/** True while a rule says that a storage is full on a node. */
export function isStorageFull({ faults, clock }: Cluster, storage: string, node: string): boolean {
  return faults.rules.some((armed) => {
    const { rule } = armed;
    if (rule.fault !== "storage-full" || rule.storage !== storage) return false;
    return (rule.node ?? node) === node && isInForce(armed, clock.nowMs());
  });
}

/**
 * Checks that a storage has room for a new volume.
 *
 * @throws ApiError 500 in the words of lvcreate (LVM 2.03) or qemu-img (QEMU 10), which Proxmox VE hands on.
 */
export function checkSpace(cluster: Cluster, storage: PveStorage, node: string, name: string): void {
  if (!isStorageFull(cluster, storage.name, node)) return;
  throw failure(
    storage.style === "lvmthin"
      ? `lvcreate 'pve/${name}' error:   Cannot create new thin volume, free space in thin pool pve/data reached threshold.`
      : `unable to create image: qemu-img: ${name}: Could not resize file: No space left on device`,
  );
}
