import { isIP } from "node:net";
import type { Check } from "../../legacy/field.ts";

/** One of these words, exactly. */
export function oneOf(...words: readonly string[]): Check {
  return (value, { name }) =>
    words.includes(String(value))
      ? []
      : [`expected ${name} to be one of [${words.map((word) => `"${word}"`).join(" ")}], got ${value}`];
}

/** One of these words, in any case. */
export function oneOfAnyCase(...words: readonly string[]): Check {
  const exact = oneOf(...words);
  return (value, at) => {
    const isKnown = words.some((word) => word.toLowerCase() === String(value).toLowerCase());
    return isKnown ? [] : exact(value, at);
  };
}

/** A number from `least` to `most`. */
export function between(least: number, most: number): Check {
  return (value, { name }) =>
    Number(value) >= least && Number(value) <= most
      ? []
      : [`expected ${name} to be in the range (${least} - ${most}), got ${value}`];
}

/** A number not below `least`. */
export function atLeast(least: number): Check {
  return (value, { name }) =>
    Number(value) >= least ? [] : [`expected ${name} to be at least (${least}), got ${value}`];
}

/** A text that matches; `message` says what it must be. */
export function matching(pattern: RegExp, message: string): Check {
  return (value, { name }) => (pattern.test(String(value)) ? [] : [`invalid value for ${name} (${message})`]);
}

/** Fine when one of the checks is; else every check's problems. */
export function anyOf(...checks: readonly Check[]): Check {
  return (value, at) => {
    const problems = checks.map((check) => check(value, at));
    return problems.some((found) => found.length === 0) ? [] : problems.flat();
  };
}

/** No text at all. */
export const empty: Check = (value, { name }) =>
  value === "" ? [] : [`expected "${name}" to be an empty string: got ${value}`];

/** Some text. */
export const notEmpty: Check = (value, { dotted }) =>
  value === "" ? [`expected "${dotted}" to not be an empty string, got `] : [];

/** A VMID, or -1 as very old states have it. */
export const vmid: Check = (value, { name }) =>
  value === -1 || (Number(value) >= 100 && Number(value) <= 2147483647)
    ? []
    : [`expected ${name} to be in the range (100 - 2147483647), got ${value}`];

/** `datastore:path`, or nothing. */
export const fileId: Check = (value, { name }) =>
  value === "" || /^[a-z\d\-_.]+:([a-z\d\-_]+\/)?.+$/i.test(String(value))
    ? []
    : [`expected ${name} to be a valid file identifier (datastore-name:iso/some-file.img), got ${value}`];

/** A MAC address with colons, or nothing. */
export const macAddress: Check = (value, { name }) =>
  value === "" || /^[A-Fa-f0-9]{2}(:[A-Fa-f0-9]{2}){5}$/.test(String(value))
    ? []
    : [`expected "${name}" to be a valid MAC address (A0:B1:C2:D3:E4:F5), got "${value}"`];

/** An IPv4 or IPv6 address. */
export const ipAddress: Check = (value, { dotted }) =>
  isIP(String(value)) > 0 ? [] : [`expected ${dotted} to contain a valid IP, got: ${value}`];

/** A duration as Go writes it: "15m", "1h30m", "90s". */
export const duration: Check = (value, { name }) =>
  parseDurationMs(String(value)) === undefined
    ? [`expected value of ${name} to be a duration - got: ${value}`]
    : [];

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A Go duration in milliseconds; undefined when the text is none. */
export function parseDurationMs(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^[+-]?((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  const sum = parts.reduce(
    (total, [, number, unit]) => total + Number(number) * (unitMs[unit ?? ""] ?? 0),
    0,
  );
  return text.startsWith("-") ? -sum : sum;
}

/** A number with a fraction from `least` to `most`. */
export function betweenFloats(least: number, most: number): Check {
  return (value, { name }) =>
    Number(value) >= least && Number(value) <= most
      ? []
      : [
          `expected ${name} to be in the range (${least.toFixed(6)} - ${most.toFixed(6)}), got ${Number(value).toFixed(6)}`,
        ];
}

/** No queues at all. */
export const noQueues: Check = (value, { name }) =>
  value === 0 ? [] : [`expected ${name} to be one of [0], got ${value}`];

/** A disk's serial number of at most 20 bytes. */
export const serialNumber: Check = (value, { name }) =>
  Buffer.byteLength(String(value)) <= 20
    ? []
    : [`expected length of ${name} to be in the range (0 - 20), got ${value}`];

/** A serial port: a device of the host, or a socket. */
export const serialDevice: Check = (value, { name }) =>
  value === "socket" || String(value).startsWith("/dev/")
    ? []
    : [`expected ${name} to be '/dev/*' or 'socket'`];
