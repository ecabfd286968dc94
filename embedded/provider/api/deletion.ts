/** The parameter of a change that removes others, in this order; none when it removes nothing. */
export function deletion(names: readonly string[]): Readonly<Record<string, string>> {
  return names.length === 0 ? {} : { delete: names.join(",") };
}
