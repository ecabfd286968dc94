/** Seconds since 1970 of a date with a zone ("2026-11-21T00:00:00Z"), undefined when it is none. */
export function epochSeconds(text: string): number | undefined {
  const isDate = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const epochMs = isDate ? Date.parse(text) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : Math.floor(epochMs / 1000);
}

/** A date in UTC without fractions. */
export function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
