import { isObject, type Value, type ValueObject } from "../../wire/value.ts";
import { decodeDescription, encodeDescription } from "./mapping-description.ts";

interface Part {
  readonly attribute: string;
  readonly key: string;
  /** The kinds of mapping whose entries have it. */
  readonly kinds: readonly ("dir" | "pci" | "usb")[];
}

/** In the order in which the real provider prints them. */
const parts: readonly Part[] = [
  { attribute: "id", key: "id", kinds: ["pci", "usb"] },
  { attribute: "node", key: "node", kinds: ["dir", "pci", "usb"] },
  { attribute: "path", key: "path", kinds: ["dir", "pci", "usb"] },
  { attribute: "comment", key: "description", kinds: ["pci", "usb"] },
  { attribute: "iommu_group", key: "iommugroup", kinds: ["pci"] },
  { attribute: "subsystem_id", key: "subsystem-id", kinds: ["pci"] },
];

/** One node's entry of a mapping: {node: "pve1", path: "/srv"} as "node=pve1,path=/srv". */
export function printMapping(entry: Value): string {
  const values: ValueObject = isObject(entry) ? entry : {};
  return parts
    .flatMap(({ attribute, key }) => {
      const value = values[attribute] ?? null;
      if (value === null) return [];
      const shown = attribute === "comment" ? encodeDescription(String(value)) : String(value);
      return [`${key}=${shown}`];
    })
    .join(",");
}

/** Reads an entry that the server sends; throws on what is no list of keys and values. */
export function parseMapping(kind: "dir" | "pci" | "usb", entry: string): ValueObject {
  const given = new Map(entry.split(",").map(splitPair));
  return Object.fromEntries(
    parts
      .filter(({ kinds }) => kinds.includes(kind))
      .map(({ attribute, key }) => [attribute, partValue(attribute, given.get(key))]),
  );
}

function splitPair(pair: string): readonly [string, string] {
  const [key, value, ...rest] = pair.split("=");
  if (key === undefined || value === undefined || rest.length > 0) {
    throw new Error(`invalid "key=value" format for hardware mapping attribute "${pair}"`);
  }
  return [key, value];
}

function partValue(attribute: string, given: string | undefined): Value {
  if (given === undefined) return null;
  if (attribute === "iommu_group") return Number(given);
  return attribute === "comment" ? decodeDescription(given) : given;
}
