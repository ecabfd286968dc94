import type { Cluster } from "../state/cluster.ts";
import type { PveStorage } from "../state/storage.ts";
import { storageUsage } from "./storage-usage.ts";

/** True when so many bytes can still be written to a storage on a node. */
export function hasRoom(cluster: Cluster, storage: PveStorage, node: string, bytes: number): boolean {
  return storageUsage(cluster, storage, node).avail >= bytes;
}
