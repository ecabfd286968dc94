/** How a storage names and keeps its volumes. Only ZFS can replicate them to another node. */
type StorageStyle = "dir" | "lvmthin" | "zfspool";

/** A datastore. Local ones hold separate volumes on each node. */
export interface PveStorage {
  readonly name: string;
  readonly style: StorageStyle;
  readonly content: readonly string[];
  readonly shared: boolean;
  readonly totalBytes: number;
}

/** Directory that a `dir` storage keeps its files in. */
export function pathOf(storage: PveStorage): string {
  return storage.name === "local" ? "/var/lib/vz" : `/mnt/pve/${storage.name}`;
}
