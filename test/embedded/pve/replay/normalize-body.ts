/** Values that differ from run to run, by shape. */
const randomTexts: readonly (readonly [RegExp, string])[] = [
  [/UPID:(\w+):[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:/g, "UPID:$1:<pid>:<pstart>:<time>:"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "<uuid>"],
  // `/pending` of the recording shows smbios1 masked as a bare UUID.
  [/^uuid=<uuid>$/g, "<uuid>"],
  [/\bBC:24:11(?::[0-9A-F]{2}){3}\b/gi, "<mac>"],
  [/\b[0-9a-f]{40}\b/g, "<sha1>"],
  [/\bctime=\d+/g, "ctime=<time>"],
  [/^PVE:.+$/gs, "MASKED"],
  [/^[0-9A-F]{8}:[A-Za-z0-9+/=]{40,}$/g, "MASKED"],
];

/** Keys whose numbers are measurements, ids of processes or times. */
const measured =
  /^(?:pid|pstart|starttime|endtime|snaptime|ctime|uptime|cpu|netin|netout|used|used_fraction|avail|total|disk|diskread|diskwrite|nodeid|time)$/;

function normalizeText(text: string): string {
  return randomTexts.reduce((result, [pattern, name]) => result.replaceAll(pattern, name), text);
}

function compareJson(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}

/** A body whose random values are replaced by their shape and whose unordered lists are sorted. */
export function normalizeBody(value: unknown, key = ""): unknown {
  if (typeof value === "string") {
    return key === "content" ? value.split(",").sort().join(",") : normalizeText(value);
  }
  if (typeof value === "number" && measured.test(key)) return `<${key}>`;
  if (Array.isArray(value)) {
    const items = value.map((item) => normalizeBody(item, key));
    return items.every((item) => typeof item === "object" && item !== null && "n" in item)
      ? items
      : items.toSorted(compareJson);
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, normalizeBody(item, name)] as const);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
