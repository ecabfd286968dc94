import type { CallAnswer } from "./call-server.ts";
import { normalizeText } from "./normalize-text.ts";
import type { RecordedCall } from "./recording.ts";

/**
 * In what our server's answer differs from the recorded one. Recordings hold what the provider reads of a body, so
 * more may be in ours; of a machine's configuration everything is recorded but what only identifies it.
 */
export function compareAnswers(where: string, recorded: RecordedCall, ours: CallAnswer): readonly string[] {
  const { status = 200, reason = "OK", body } = recorded;
  if (status !== ours.status)
    return [`${where}: ${ours.status} ${ours.reason} instead of ${status} ${reason}`];
  const wanted = normalizeText(reason);
  const given = normalizeText(ours.reason);
  if (wanted !== given) return [`${where}: reason '${given}' instead of '${wanted}'`];
  if (status !== 200) return [];
  const actual: unknown = ours.body === "" ? null : JSON.parse(ours.body);
  const isConfig = recorded.call.endsWith("/config");
  return missing(where, body === undefined ? { data: null } : body, actual, isConfig);
}

/** Keys that the recordings left out of configurations. */
const identity = new Set(["digest", "meta", "vmgenid"]);

/** What the status daemon sees every ten seconds only: in lists of the whole cluster it may be old. */
const lagging = new Set(["maxcpu", "name", "status", "tags", "template"]);

/** Figures of the recorded host. */
const measured = new Set(
  "avail available cpu ctime disk free maxdisk maxmem mem ssl_fingerprint total uptime used used_fraction".split(
    " ",
  ),
);

/** What the recordings show of a secret. */
const masked = "***";

function missing(where: string, expected: unknown, actual: unknown, isExact: boolean): readonly string[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const ids = (list: readonly unknown[]): readonly unknown[] => list.toSorted(byIdentity);
    if (expected.length !== actual.length) return [difference(where, ids(expected), ids(actual))];
    const own = ids(actual);
    return ids(expected).flatMap((item, index) => missing(`${where}[${index}]`, item, own[index], isExact));
  }
  if (isRecord(expected) && isRecord(actual)) {
    const isListed = expected["type"] === "qemu" && "id" in expected;
    const keys = new Set([...Object.keys(expected), ...(isExact ? Object.keys(actual) : [])]);
    return [...keys]
      .filter((key) => !identity.has(key) && !measured.has(key) && !(isListed && lagging.has(key)))
      .flatMap((key) => missing(`${where}.${key}`, expected[key], actual[key], isExact));
  }
  if (expected === masked && typeof actual === "string") return [];
  if (isList(expected) && isList(actual) && sortedWords(expected) === sortedWords(actual)) return [];
  const [left, right] = [shape(expected), shape(actual)];
  return left === right ? [] : [difference(where, expected, actual)];
}

// A list in one text stands in the order of a hash, which is another one in every process.
function isList(value: unknown): value is string {
  return typeof value === "string" && /^[a-z]+(?:,[a-z]+)+$/.test(value);
}

function sortedWords(list: string): string {
  return list.split(",").sort().join(",");
}

/** Keys by which the items of a list are told apart, the first that an item has. */
const identifying = ["id", "volid", "n", "pos", "userid", "ugid", "roleid", "storage"];

function byIdentity(one: unknown, other: unknown): number {
  const name = (item: unknown): string => {
    const key = isRecord(item) ? identifying.find((one) => item[one] !== undefined) : undefined;
    return isRecord(item) && key !== undefined ? String(item[key]) : shape(item);
  };
  return name(one) < name(other) ? -1 : 1;
}

function difference(where: string, expected: unknown, actual: unknown): string {
  return `${where}: expected ${shape(expected)} got ${shape(actual)}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shape(value: unknown): string {
  return normalizeText(JSON.stringify(value) ?? "nothing");
}
