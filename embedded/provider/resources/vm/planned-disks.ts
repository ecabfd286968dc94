import type { Section } from "../../legacy/section.ts";
import { flagText } from "./property-string.ts";
import { type StorageDevice, type StorageDevices, storageInterfaces } from "./storage-device.ts";

/** Speed limits by attribute; zero means unlimited and is not written. */
const speedKeys = {
  iops_read: "iops_rd",
  iops_read_burstable: "iops_rd_max",
  iops_write: "iops_wr",
  iops_write_burstable: "iops_wr_max",
  read: "mbps_rd",
  read_burstable: "mbps_rd_max",
  write: "mbps_wr",
  write_burstable: "mbps_wr_max",
} as const;

/**
 * The devices that `disk` blocks describe, by interface; of two with the same interface the last wins, silently.
 * Throws on an interface that does not exist and on queues away from SCSI.
 */
export function plannedDisks(blocks: readonly Section[]): StorageDevices {
  return new Map(blocks.map((block) => [block.text("interface"), plannedDisk(block)]));
}

function plannedDisk(block: Section): StorageDevice {
  const slot = block.text("interface");
  const queues = block.number("queues");
  if (queues > 0 && !slot.startsWith("scsi")) {
    throw new Error(`disk queues are only supported for SCSI disks, but disk interface was ${slot}`);
  }
  const kind = /^\D*/.exec(slot)?.[0] ?? "";
  if (!(storageInterfaces as readonly string[]).includes(kind)) {
    throw new Error(
      `Defined disk interface not supported. Interface was ${slot}, but only [${storageInterfaces.join(" ")}] are supported`,
    );
  }
  const format = block.text("file_format");
  return {
    volume: plannedVolume(block),
    datastore: block.text("datastore_id"),
    fileId: block.text("file_id"),
    importFrom: block.text("import_from"),
    size: block.number("size") * 1024 ** 3,
    ...(format === "" ? {} : { format }),
    options: plannedOptions(block, slot, queues),
  };
}

function plannedVolume(block: Section): string {
  const datastore = block.text("datastore_id");
  const path = block.text("path_in_datastore");
  if (path === "") return `${datastore}:${block.number("size")}`;
  return datastore === "" ? path : `${datastore}:${path}`;
}

function plannedOptions(block: Section, slot: string, queues: number): Readonly<Record<string, string>> {
  const speed = block.block("speed");
  const limits = Object.entries(speedKeys)
    .map(([attribute, key]) => [key, speed?.number(attribute) ?? 0] as const)
    .filter(([, limit]) => limit > 0)
    .map(([key, limit]) => [key, String(limit)] as const);
  return {
    aio: block.text("aio"),
    backup: flagText(block.flag("backup")),
    cache: block.text("cache"),
    discard: block.text("discard"),
    replicate: flagText(block.flag("replicate")),
    serial: block.text("serial"),
    ...(slot.startsWith("virtio") ? {} : { ssd: flagText(block.flag("ssd")) }),
    ...(/^(sata|ide)/.test(slot) ? {} : { iothread: flagText(block.flag("iothread")) }),
    ...(queues > 0 ? { queues: String(queues) } : {}),
    ...Object.fromEntries(limits),
  };
}
