import { createHash } from "node:crypto";

type Entry = Readonly<Record<string, unknown>>;

function linesOf(entry: Entry): string {
  return Object.keys(entry)
    .filter((key) => entry[key] !== undefined && typeof entry[key] !== "object")
    .sort()
    .map((key) => `${key}:${entry[key]}\n`)
    .join("");
}

/** SHA-1 over the settings of each entry, by name, as pve-firewall computes it. */
export function listDigest(entries: readonly Entry[]): string {
  return createHash("sha1").update(entries.map(linesOf).join("")).digest("hex");
}

/** Entries that each carry the digest of the whole list. */
export function withDigest(entries: readonly Entry[]): Record<string, unknown>[] {
  const digest = listDigest(entries);
  return entries.map((entry) => ({ ...entry, digest }));
}
