import { createHash } from "node:crypto";

/** Resolution and number of points of a time frame, as the round robin databases of Proxmox VE 9 have them. */
const frames: Readonly<Record<string, readonly [stepSeconds: number, points: number]>> = {
  hour: [60, 60],
  day: [60, 1440],
  week: [1800, 336],
  month: [1800, 1440],
  year: [21_600, 1440],
  decade: [604_800, 570],
};

/** A point of time and what was measured at it. */
type Point = Readonly<Record<string, number>>;

/**
 * Measurements over a time frame, oldest first. Every point has its time; only those with something measured have more.
 * An empty newest point is left out.
 *
 * @param measure - gives the values at a time in seconds, or undefined where nothing was there to measure
 */
export function usageCurve(
  timeframe: string,
  nowSeconds: number,
  measure: (time: number) => Point | undefined,
): Point[] {
  const [step, count] = frames[timeframe] ?? [60, 60];
  const end = step * Math.floor(nowSeconds / step);
  const times = Array.from({ length: count }, (_, index) => end - step * (count - 1 - index));
  const points = times.map((time) => ({ time, ...measure(time) }));
  return Object.keys(points.at(-1) ?? {}).length === 1 ? points.slice(0, -1) : points;
}

/** Noise between 0 and 1 that is the same for the same name and time. */
function noise(name: string, time: number): number {
  return createHash("sha1").update(`${name} ${time}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** A load between 0 and 1 at a time: a daily wave with its peak in the afternoon, and some noise. */
export function loadAt(name: string, time: number): number {
  const dayPart = (time % 86_400) / 86_400;
  const wave = (1 - Math.cos(2 * Math.PI * (dayPart - 0.1))) / 2;
  return Math.min(1, 0.05 + 0.35 * wave + 0.2 * noise(name, time));
}
