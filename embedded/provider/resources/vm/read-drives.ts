import { type BlockReader, configText, differsFrom, readsList, recordBlock } from "./block-reader.ts";
import { parseProperties } from "./property-string.ts";
import { storageDevices } from "./storage-device.ts";

/** The CD-ROM drive in the configured slot. */
export function readCdrom(reader: BlockReader): void {
  const current = reader.data.now.block("cdrom");
  const slot = current?.text("interface") ?? "ide3";
  const drive = storageDevices(reader.config).get(slot);
  if (drive === undefined) {
    reader.data.set("cdrom", []);
    return;
  }
  if (!readsList(reader, "cdrom")) return;
  const keepsEmpty = current !== undefined && current.text("file_id") === "";
  reader.data.set("cdrom", [{ file_id: keepsEmpty ? "" : drive.volume, interface: slot }]);
}

/** The TPM state. */
export function readTpmState(reader: BlockReader): void {
  const text = configText(reader, "tpmstate0");
  if (text === undefined) return;
  const pairs = parseProperties(text, "file");
  const version = pairs.get("version") ?? "";
  const block = {
    datastore_id: (pairs.get("file") ?? "").split(":")[0] ?? "",
    version: version === "" ? "v2.0" : version,
  };
  recordBlock(reader, "tpm_state", block, differsFrom(usualTpmState, block));
}

const usualTpmState = { datastore_id: "local-lvm", version: "v2.0" };
