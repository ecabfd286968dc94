import { drivesOf, isCdrom } from "../config/drives.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Vm } from "../state/vm.ts";
import { storageNameOf } from "../state/volume.ts";

/**
 * Checks that a VM's disks can be replicated: on local ZFS storages only; shared ones need not be.
 *
 * @throws ApiError 500 for a disk on a storage that cannot, and for a VM without any.
 */
export function checkReplicable(cluster: Cluster, vm: Vm): void {
  const wanted = drivesOf(vm.config)
    .map(([, drive]) => drive)
    .filter((drive) => !isCdrom(drive) && drive["replicate"] !== "0")
    .filter(({ file }) => cluster.storages.get(storageNameOf(file))?.shared === false);
  const unable = wanted.find(({ file }) => cluster.storages.get(storageNameOf(file))?.style !== "zfspool");
  if (unable !== undefined) throw failure(`missing replicate feature on volume '${unable.file}'`);
  if (wanted.length === 0) throw failure("No replicatable volumes found");
}
