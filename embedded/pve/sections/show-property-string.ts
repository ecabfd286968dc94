import { parsePropertyString } from "../check/parse-property-string.ts";
import type { PropertyString } from "../check/schema.ts";

/** A property string as the API shows it in parts: booleans as 1 and 0, everything else as the text it is. */
export function showPropertyString(format: PropertyString, value: unknown): Record<string, string | number> {
  const parts = Object.entries(parsePropertyString(format, String(value)));
  return Object.fromEntries(
    parts.map(([key, text]) => [key, format[key]?.type === "boolean" ? Number(text) : text]),
  );
}
