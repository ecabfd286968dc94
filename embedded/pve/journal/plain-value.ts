/**
 * Gives a value that JSON can hold, with Maps as `{"$map": entries}` and Sets as `{"$set": items}`. The value is a copy
 * that `copyRecord` made.
 */
export function toPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [key, toPlain(item)]) };
  if (value instanceof Set) return { $set: [...value] };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]));
}

/** Gives back what `toPlain` was given. */
export function fromPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(fromPlain);
  if ("$map" in value) {
    return new Map((value.$map as [unknown, unknown][]).map(([key, item]) => [key, fromPlain(item)]));
  }
  if ("$set" in value) return new Set(value.$set as unknown[]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromPlain(item)]));
}
