import type { VirtualEnvironmentVmDisk } from "@cdktf/provider-proxmox";
import type { Disk } from "../../specs/vm-spec.ts";
import { given } from "./given.ts";

/** The `disk` blocks, in the spec's order: the provider keeps the order that it finds in the configuration. */
export function disks(specs: readonly Disk[]): VirtualEnvironmentVmDisk[] {
  return specs.map((disk) => ({
    interface: disk.slot,
    size: disk.sizeGiB,
    datastoreId: disk.datastore,
    aio: disk.aio,
    backup: disk.backup,
    cache: disk.cache,
    discard: disk.discard ? "on" : "ignore",
    iothread: disk.iothread,
    replicate: disk.replicate,
    ssd: disk.ssd,
    ...given({
      fileFormat: disk.format,
      serial: disk.serial,
      queues: disk.queues,
      speed: disk.speed === undefined ? undefined : speed(disk.speed),
    }),
  }));
}

function speed(bounds: NonNullable<Disk["speed"]>): NonNullable<VirtualEnvironmentVmDisk["speed"]> {
  return given({
    read: bounds.readMiBps,
    readBurstable: bounds.readBurstMiBps,
    write: bounds.writeMiBps,
    writeBurstable: bounds.writeBurstMiBps,
    iopsRead: bounds.iopsRead,
    iopsReadBurstable: bounds.iopsReadBurst,
    iopsWrite: bounds.iopsWrite,
    iopsWriteBurstable: bounds.iopsWriteBurst,
  });
}
