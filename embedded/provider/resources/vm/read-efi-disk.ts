import type { VmConfig } from "../../api/vm-api.ts";
import { configText, differsFrom, recordBlock } from "./block-reader.ts";
import { parseProperties } from "./property-string.ts";
import type { VmOperation } from "./vm-operation.ts";
import { volumeFormat } from "./volume-format.ts";

/** The EFI disk; its format is asked of the storage where the configuration does not name it. */
export async function readEfiDisk(operation: VmOperation, node: string, config: VmConfig): Promise<void> {
  const { data } = operation;
  const reader = { data, config, isClone: data.now.block("clone") !== undefined };
  const text = configText(reader, "efidisk0");
  if (text === undefined) return;
  const pairs = parseProperties(text, "file");
  const volume = pairs.get("file") ?? "";
  const format = pairs.get("format") ?? (await volumeFormat(operation, node, volume));
  const block = {
    datastore_id: volume.split(":")[0] ?? "",
    type: pairs.get("efitype")?.toLowerCase() ?? "2m",
    pre_enrolled_keys: pairs.get("pre-enrolled-keys") === "1",
    ...(format === undefined ? {} : { file_format: format }),
  };
  // A flag that the server names at all counts as unusual, whatever its value.
  const isUnusual = pairs.has("pre-enrolled-keys") || differsFrom(usualEfiDisk, block);
  recordBlock(reader, "efi_disk", block, isUnusual);
}

const usualEfiDisk = { datastore_id: "local-lvm", type: "2m", file_format: "raw" };
