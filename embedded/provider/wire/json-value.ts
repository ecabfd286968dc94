import type { CtyType } from "./cty-type.ts";
import { parseNumber } from "./dynamic-value.ts";
import { Decimal, type Value } from "./value.ts";

/**
 * Reads a state's JSON form by its type: absent keys become null, unknown keys are dropped.
 * Numbers keep their text where a JavaScript number would lose digits.
 */
export function valueFromJson(json: string, type: CtyType): Value {
  return fromJson(JSON.parse(json, keepNumberText), type);
}

function keepNumberText(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === "number" && context?.source !== undefined ? parseNumber(context.source) : value;
}

function fromJson(raw: unknown, type: CtyType): Value {
  if (raw === null || raw === undefined) return null;
  if (type === "dynamic") return dynamicFromJson(raw as { type: CtyType; value: unknown });
  if (typeof type === "string") return raw as string | number | boolean | Decimal;
  if (raw instanceof Decimal) return raw;
  const elements = Array.isArray(raw) ? (raw as readonly unknown[]) : [];
  const fields = raw as Readonly<Record<string, unknown>>;
  switch (type[0]) {
    case "list":
    case "set":
      return elements.map((item) => fromJson(item, type[1]));
    case "tuple":
      return elements.map((item, index) => fromJson(item, type[1][index] ?? "dynamic"));
    case "map":
      return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, fromJson(item, type[1])]));
    case "object":
      return Object.fromEntries(
        Object.entries(type[1]).map(([key, itemType]) => [key, fromJson(fields[key], itemType)]),
      );
  }
}

// The pair that dynamic-value.ts makes of the msgpack form: the type's JSON, then the value.
function dynamicFromJson(raw: { type: CtyType; value: unknown }): Value {
  return [new TextEncoder().encode(JSON.stringify(raw.type)), fromJson(raw.value, raw.type)];
}
