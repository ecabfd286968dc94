import { isObject, isSame, type Value, type ValueObject } from "../../wire/value.ts";

/** Whether two lists hold the same texts: their order is the server's. */
export function isSameListInAnyOrder(before: readonly Value[], after: readonly Value[]): boolean {
  return isSame(before.map(String).sort(), after.map(String).sort());
}

/**
 * Whether two lists hold the same objects, matched by one key; `ignoredKey` may differ.
 * Two objects with the same key count as one, the last: the real provider does not notice them.
 */
export function isSameListByKey(
  key: string,
  ignoredKey?: string,
): (before: readonly Value[], after: readonly Value[]) => boolean {
  return (before, after) => {
    if (before.length !== after.length) return false;
    const next = byKey(after, key, ignoredKey);
    return [...byKey(before, key, ignoredKey)].every(([name, old]) => {
      const match = next.get(name);
      return match !== undefined && isSame(old, match);
    });
  };
}

function byKey(list: readonly Value[], key: string, ignoredKey = ""): ReadonlyMap<string, ValueObject> {
  return new Map(
    list.filter(isObject).map((item) => [String(item[key]), { ...item, [ignoredKey]: null }] as const),
  );
}
