import { Buffer } from "node:buffer";
import { type BlockReader, configText, hasBlock, recordBlock } from "./block-reader.ts";
import { readProperties } from "./property-string.ts";
import { propertyTables } from "./property-tables.ts";

/** The random number generator. */
export function readRng(reader: BlockReader): void {
  const text = configText(reader, "rng0");
  if (text === undefined) return;
  recordBlock(reader, "rng", readProperties(propertyTables.rng, text), true);
}

const smbiosTexts = ["family", "manufacturer", "product", "serial", "sku", "version"] as const;

/** The SMBIOS values, which the server keeps in base64; a clone keeps what its state says. */
export function readSmbios(reader: BlockReader): void {
  if (reader.isClone) return;
  const text = configText(reader, "smbios1");
  if (text === undefined) {
    reader.data.set("smbios", []);
    return;
  }
  const pairs = new Map(
    text.split(",").map((part) => {
      const [key = "", ...rest] = part.trim().split("=");
      return [key, rest.join("=")] as const;
    }),
  );
  const texts = smbiosTexts.map((key) => [key, decodeBase64(pairs.get(key))] as const);
  const isUnusual = hasBlock(reader, "smbios") || texts.some(([, value]) => value !== "");
  if (isUnusual)
    reader.data.set("smbios", [{ ...Object.fromEntries(texts), uuid: pairs.get("uuid") ?? null }]);
}

function decodeBase64(text: string | undefined): string {
  return Buffer.from(text ?? "", "base64").toString("utf8");
}
