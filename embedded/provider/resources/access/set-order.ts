import { crc32 } from "node:zlib";

/** The order in which the legacy SDK lists a set of texts: by the text of a hash. */
export function inSetOrder(texts: readonly string[]): readonly string[] {
  const key = (text: string): string => String(crc32(`${text};`));
  return texts.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}
