import type { Section } from "../../legacy/section.ts";
import type { Value, ValueObject } from "../../wire/value.ts";

/** One key of a Proxmox property string ("model=virtio,bridge=vmbr0") and the attribute it stands for. */
interface Property {
  readonly key: string;
  readonly attribute: string;
  readonly kind: "flag" | "number" | "text";
  /** The attribute's value when the string has no such key; undefined leaves the attribute out. */
  readonly absent?: string | number | boolean;
  /** Values that are not written. */
  readonly skip?: (value: Value) => boolean;
}

/** The properties of one kind of device, in the order in which they are written. */
export interface PropertyTable {
  /** The key of a value that stands alone ("1" in "1,type=virtio"). */
  readonly mainKey?: string;
  readonly properties: readonly Property[];
}

/** The pairs of a property string; a value without a key is found under `mainKey`. */
export function parseProperties(text: string, mainKey = ""): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const part of text.split(",")) {
    const [key = "", value, ...rest] = part.trim().split("=");
    if (value === undefined) pairs.set(mainKey, key);
    else if (rest.length === 0) pairs.set(key, value);
  }
  return pairs;
}

/** Reads a property string into the attributes of a block. */
export function readProperties(table: PropertyTable, text: string): ValueObject {
  const pairs = parseProperties(text, table.mainKey);
  const entries = table.properties.flatMap(({ key, attribute, kind, absent }) => {
    const value = pairs.get(key);
    if (value === undefined) return absent === undefined ? [] : [[attribute, absent] as const];
    return [[attribute, kind === "text" ? value : kind === "flag" ? value === "1" : Number(value)] as const];
  });
  return Object.fromEntries(entries);
}

/** Writes the attributes of a block as a property string. */
export function writeProperties(table: PropertyTable, block: Section): string {
  return table.properties
    .filter(({ attribute, skip }) => skip?.(block.raw(attribute)) !== true)
    .map(({ key, attribute, kind }) => {
      const value = kind === "flag" ? flagText(block.flag(attribute)) : String(block.raw(attribute) ?? "");
      return `${key}=${value}`;
    })
    .join(",");
}

/** "1" or "0", the server's way to write a flag. */
export function flagText(flag: boolean): string {
  return flag ? "1" : "0";
}
