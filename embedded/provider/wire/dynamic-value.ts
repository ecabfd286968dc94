import { decode, ExtData, ExtensionCodec, encode } from "@msgpack/msgpack";
import type { CtyType } from "./cty-type.ts";
import { Decimal, isList, isObject, Unknown, unknown, type Value } from "./value.ts";

/** Extension types of cty's msgpack form: 0 is an unknown value, 12 one with a refinement. */
const unknownExtension = 0;
const refinedExtension = 12;

const extensionCodec = new ExtensionCodec();
extensionCodec.register({ type: unknownExtension, encode: () => null, decode: () => unknown });
extensionCodec.register({
  type: refinedExtension,
  encode: () => null,
  decode: (data) => new Unknown(new Uint8Array(data)),
});
const options = { extensionCodec, useBigInt64: true } as const;

/**
 * Reads a DynamicValue's msgpack form by its type.
 * Numbers become JavaScript numbers where these are exact, else Decimal; missing bytes are null.
 */
export function decodeValue(bytes: Uint8Array | undefined, type: CtyType): Value {
  if (bytes === undefined || bytes.length === 0) return null;
  return fromMsgpack(decode(bytes, options), type);
}

/** Writes a value in msgpack form by its type; an object gets exactly the keys of its type. */
export function encodeValue(value: Value, type: CtyType): Uint8Array {
  return encode(toMsgpack(value, type), options);
}

function fromMsgpack(raw: unknown, type: CtyType): Value {
  if (raw === null || raw === undefined) return null;
  if (raw instanceof Unknown) return raw;
  if (type === "string") return String(raw);
  if (type === "bool") return raw === true;
  if (type === "number") return numberFromMsgpack(raw);
  if (type === "dynamic") return dynamicFromMsgpack(raw);
  const elements = raw as readonly unknown[];
  const fields = raw as Readonly<Record<string, unknown>>;
  switch (type[0]) {
    case "list":
    case "set":
      return elements.map((item) => fromMsgpack(item, type[1]));
    case "tuple":
      return elements.map((item, index) => fromMsgpack(item, type[1][index] ?? "dynamic"));
    case "map":
      return mapEntries(fields, (item) => fromMsgpack(item, type[1]));
    case "object":
      return mapEntries(type[1], (itemType, key) => fromMsgpack(fields[key], itemType));
  }
}

function dynamicFromMsgpack(raw: unknown): Value {
  const [typeJson, inner] = raw as [Uint8Array, unknown];
  const innerType = JSON.parse(new TextDecoder().decode(typeJson)) as CtyType;
  return [typeJson, fromMsgpack(inner, innerType)];
}

function numberFromMsgpack(raw: unknown): Value {
  return typeof raw === "number" ? raw : parseNumber(String(raw));
}

/** Reads decimal text as a number where that is exact enough to be written back as the same text, else as Decimal. */
export function parseNumber(text: string): number | Decimal {
  const number = Number(text);
  const isExact = String(number) === text && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return isExact ? number : new Decimal(text);
}

function toMsgpack(value: Value, type: CtyType): unknown {
  if (value === null) return null;
  if (value instanceof Unknown) {
    return value.refinement === undefined
      ? new ExtData(unknownExtension, new Uint8Array(1))
      : new ExtData(refinedExtension, value.refinement);
  }
  if (type === "number") return numberToMsgpack(value);
  if (type === "dynamic") return dynamicToMsgpack(value);
  if (typeof type === "string") return value;
  const elements = isList(value) ? value : [];
  const fields = isObject(value) ? value : {};
  switch (type[0]) {
    case "list":
    case "set":
      return elements.map((item) => toMsgpack(item, type[1]));
    case "tuple":
      return elements.map((item, index) => toMsgpack(item, type[1][index] ?? "dynamic"));
    case "map":
      return mapEntries(fields, (item) => toMsgpack(item, type[1]));
    case "object":
      return mapEntries(type[1], (itemType, key) => toMsgpack(fields[key] ?? null, itemType));
  }
}

function dynamicToMsgpack(value: Value): unknown {
  const [typeJson, inner] = value as readonly [Uint8Array, Value];
  const innerType = JSON.parse(new TextDecoder().decode(typeJson)) as CtyType;
  return [typeJson, toMsgpack(inner, innerType)];
}

// Terraform reads a non-integer as float64, and 0.1 would differ from the configuration's decimal 0.1: text is exact.
function numberToMsgpack(value: Value): unknown {
  if (value instanceof Decimal) return value.text;
  if (typeof value !== "number") throw new TypeError(`expected a number, got ${typeof value}`);
  if (!Number.isInteger(value)) return String(value);
  if (!Number.isSafeInteger(value)) return BigInt(value).toString();
  return Math.abs(value) > 0x7fffffff ? BigInt(value) : value;
}

function mapEntries<In, Out>(
  entries: Readonly<Record<string, In>>,
  convert: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, convert(value, key)]));
}
