/** What belongs to the running process alone: nothing of it is kept. */
function isTransient(value: unknown): boolean {
  return value instanceof Promise || value instanceof AbortController;
}

/**
 * Copies a record as it is now, to compare it with itself later.
 *
 * @throws TypeError for an object of a class, which could not come back from a file as what it is.
 */
export function copyRecord(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyRecord);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copyRecord(item)]));
  if (value instanceof Set) return new Set(value);
  if (isTransient(value)) return undefined;
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TypeError(`state of class ${value.constructor.name} cannot be kept`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyRecord(item)]));
}

type Fields = Readonly<Record<string, unknown>>;

function isSameMap(value: ReadonlyMap<unknown, unknown>, copy: ReadonlyMap<unknown, unknown>): boolean {
  if (value.size !== copy.size) return false;
  for (const [key, item] of value) if (!copy.has(key) || !isSameRecord(item, copy.get(key))) return false;
  return true;
}

function isSameSet(value: ReadonlySet<unknown>, copy: ReadonlySet<unknown>): boolean {
  return value.size === copy.size && value.isSubsetOf(copy);
}

function isSameArray(value: readonly unknown[], copy: readonly unknown[]): boolean {
  return value.length === copy.length && value.every((item, index) => isSameRecord(item, copy[index]));
}

/** Loops instead of lists of keys: this runs for every record at every change. */
function isSameObject(value: Fields, copy: Fields): boolean {
  let count = 0;
  for (const key in value) {
    count += 1;
    const item = value[key];
    const copied = copy[key];
    if (item !== copied && !isSameRecord(item, copied)) return false;
  }
  for (const _key in copy) count -= 1;
  return count === 0;
}

/** Is a record still what it was when it was copied? */
export function isSameRecord(value: unknown, copy: unknown): boolean {
  if (value === copy) return true;
  if (typeof value !== "object" || value === null) return Object.is(value, copy);
  if (typeof copy !== "object" || copy === null) return copy === undefined && isTransient(value);
  if (value instanceof Map) return copy instanceof Map && isSameMap(value, copy);
  if (value instanceof Set) return copy instanceof Set && isSameSet(value, copy);
  if (Array.isArray(value)) return Array.isArray(copy) && isSameArray(value, copy);
  return isSameObject(value as Fields, copy as Fields);
}
