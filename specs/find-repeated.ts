/** Two entries with the same key: the first one in order, and a later one. */
interface Repetition<T> {
  readonly first: T;
  readonly again: T;
}

/** Gives every entry whose key an earlier entry has too, with that earlier one. */
export function* findRepeated<T>(
  entries: Iterable<T>,
  keyOf: (entry: T) => string,
): Generator<Repetition<T>> {
  const seen = new Map<string, T>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, entry);
    else yield { first, again: entry };
  }
}
