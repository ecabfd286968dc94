import type { VmConfig } from "../../api/vm-api.ts";
import type { Section } from "../../legacy/section.ts";
import type { ValueObject } from "../../wire/value.ts";
import { inGibibytes } from "./disk-size.ts";
import { isCloudInitDrive, type StorageDevice, storageDevices } from "./storage-device.ts";
import type { VmOperation } from "./vm-operation.ts";
import { volumeFormat } from "./volume-format.ts";

/**
 * Reads the disks in the state's order; disks that the state does not know are not added to it. One that the state
 * has and the VM has not becomes an empty block. Without disk blocks a clone reads none.
 */
export async function readDisks(operation: VmOperation, node: string, config: VmConfig): Promise<void> {
  const { data } = operation;
  const blocks = data.now.blocks("disk");
  const found = new Map<string, ValueObject>();
  for (const [slot, device] of storageDevices(config)) {
    if (device.volume === "none" || device.media === "cdrom") continue;
    if (isCloudInitDrive(device, Number(data.id))) continue;
    const current = blocks.find((block) => block.text("interface") === slot);
    found.set(slot, await readDisk(operation, node, { slot, device, current }));
  }
  if (data.now.block("clone") !== undefined && blocks.length === 0) return;
  const known = blocks.map((block) => block.text("interface")).filter((slot) => slot !== "");
  const order = blocks.length > 0 ? known : sortSlots([...found.keys()]);
  data.set(
    "disk",
    order.map((slot) => found.get(slot) ?? {}),
  );
}

interface FoundDisk {
  readonly slot: string;
  readonly device: StorageDevice;
  readonly current: Section | undefined;
}

async function readDisk(operation: VmOperation, node: string, disk: FoundDisk): Promise<ValueObject> {
  const { slot, device, current } = disk;
  const [datastore, path] = splitVolume(device.volume);
  const format =
    device.format ?? (datastore === "" ? undefined : await volumeFormat(operation, node, device.volume));
  const size = inGibibytes(device.size ?? 0);
  const { options } = device;
  return {
    datastore_id: datastore,
    path_in_datastore: path,
    ...(format === undefined ? {} : { file_format: format }),
    file_id: current?.text("file_id") ?? "",
    import_from: current?.text("import_from") ?? "",
    interface: slot,
    // The server reports no size while an import is under way.
    size: size === 0 ? (current?.number("size") ?? 0) : size,
    aio: options["aio"] ?? "io_uring",
    backup: (options["backup"] ?? "1") === "1",
    iothread: options["iothread"] === "1",
    queues: Number(options["queues"] ?? 0),
    replicate: (options["replicate"] ?? "1") === "1",
    serial: options["serial"] ?? "",
    ssd: options["ssd"] === "1",
    discard: options["discard"] ?? "ignore",
    cache: options["cache"] ?? "none",
    speed: readSpeed(options),
  };
}

const speedAttributes = {
  iops_rd: "iops_read",
  iops_rd_max: "iops_read_burstable",
  iops_wr: "iops_write",
  iops_wr_max: "iops_write_burstable",
  mbps_rd: "read",
  mbps_rd_max: "read_burstable",
  mbps_wr: "write",
  mbps_wr_max: "write_burstable",
} as const;

function readSpeed(options: Readonly<Record<string, string>>): readonly ValueObject[] {
  const limits = Object.entries(speedAttributes).map(
    ([key, name]) => [name, Number(options[key] ?? 0)] as const,
  );
  const hasLimits = Object.keys(speedAttributes).some((key) => options[key] !== undefined);
  return hasLimits ? [Object.fromEntries(limits)] : [];
}

function splitVolume(volume: string): readonly [datastore: string, path: string] {
  const colon = volume.indexOf(":");
  return colon < 0 ? ["", volume] : [volume.slice(0, colon), volume.slice(colon + 1)];
}

function sortSlots(slots: readonly string[]): readonly string[] {
  return slots.toSorted((left, right) => left.localeCompare(right, "en", { numeric: true }));
}
