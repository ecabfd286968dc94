/**
 * Last day of support of the NixOS releases, as announced in their release notes and listed by endoflife.date. The day
 * of the newest one is the pattern that all of them follow: a release is supported until a month after the next one.
 */
const lastDays: Readonly<Record<string, string>> = {
  "22.05": "2022-12-31",
  "22.11": "2023-06-30",
  "23.05": "2023-12-31",
  "23.11": "2024-06-30",
  "24.05": "2024-12-31",
  "24.11": "2025-06-30",
  "25.05": "2025-12-31",
  "25.11": "2026-06-30",
  "26.05": "2026-12-31",
};

/** The last day, YYYY-MM-DD, on which a NixOS release gets security updates; for a release to come, by the pattern. */
export function lastDayOfSupport(release: string): string {
  const [year = "", month = ""] = release.split(".");
  const next = 2000 + Number(year);
  return lastDays[release] ?? (month === "05" ? `${next}-12-31` : `${next + 1}-06-30`);
}
