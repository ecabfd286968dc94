import { FormatError } from "./format-error.ts";
import type { PropertyString } from "./schema.ts";

/** Parsed property string, aliases resolved, booleans as "1" and "0". Keys keep the order they were written in. */
export type PropertyValues = Record<string, string>;

const booleans: Readonly<Record<string, string>> = {
  1: "1",
  on: "1",
  yes: "1",
  true: "1",
  0: "0",
  off: "0",
  no: "0",
  false: "0",
};

function defaultKeyOf(format: PropertyString): string {
  const key = Object.keys(format).find((name) => format[name]?.default_key);
  if (key === undefined) throw new FormatError("value without key, but schema does not define a default key");
  return key;
}

/**
 * Takes `text` apart by the keys of `format`, without checking the values.
 *
 * @throws FormatError for unknown, missing and duplicate keys, in Proxmox VE's words.
 */
export function parsePropertyString(format: PropertyString, text: string): PropertyValues {
  const values: PropertyValues = {};
  const assign = (key: string, value: string) => {
    if (values[key] !== undefined)
      throw new FormatError(`duplicate key in comma-separated list property: ${key}`);
    values[key] = format[key]?.type === "boolean" ? (booleans[value.toLowerCase()] ?? value) : value;
  };
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const [, key, value] = /^([^=]+)=(.+)$/s.exec(part) ?? [];
    if (key !== undefined && value !== undefined) assignKey(format, values, key, value, assign);
    else if (part.includes("=")) throw new FormatError("missing key in comma-separated list property");
    else assign(defaultKeyOf(format), part);
  }
  return values;
}

function assignKey(
  format: PropertyString,
  values: PropertyValues,
  key: string,
  value: string,
  assign: (key: string, value: string) => void,
): void {
  const { alias, keyAlias } = format[key] ?? {};
  if (keyAlias !== undefined) {
    if (values[keyAlias] !== undefined) throw new FormatError(`key alias '${keyAlias}' is already defined`);
    values[keyAlias] = key;
  }
  const name = alias ?? key;
  if (format[name] === undefined)
    throw new FormatError(`invalid key in comma-separated list property: ${key}`);
  assign(name, value);
}

/** Writes a property string: the default key's bare value first, then `key=value` in alphabetical order. */
export function printPropertyString(format: PropertyString, values: Readonly<PropertyValues>): string {
  const first = Object.keys(format).find((name) => format[name]?.default_key);
  const rest = Object.keys(values)
    .filter((key) => key !== first)
    .sort()
    .map((key) => `${key}=${values[key]}`);
  const bare = first === undefined ? undefined : values[first];
  return bare === undefined ? rest.join(",") : [bare, ...rest].join(",");
}
