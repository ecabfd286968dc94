import type { ReceivedCall } from "./recorded-server.ts";
import type { RecordedCall } from "./recording.ts";

/**
 * What of the calls counts: everything; everything but how often a poll was repeated; or the order of each
 * resource, where several were worked on side by side.
 */
export type CallOrder = "all" | "polls collapsed" | "each resource";

/** The first call in which a phase differs from its recording, as one line; nothing when there is none. */
export function compareCalls(
  phase: string,
  recorded: readonly RecordedCall[],
  received: readonly ReceivedCall[],
  order: CallOrder,
): readonly string[] {
  const expected = recorded.map(({ call, query, form }) => line(call, { ...query, ...form }));
  const actual = received.map(({ call, parameters }) => line(call, parameters));
  if (order === "all") return firstDifference(`${phase} calls`, expected, actual);
  if (order === "polls collapsed") {
    return firstDifference(`${phase} calls`, collapsed(expected), collapsed(actual));
  }
  const subjects = new Set([...expected, ...actual].map(subjectOf));
  return [...subjects].flatMap((subject) => {
    const of = (lines: readonly string[]): readonly string[] =>
      lines.filter((one) => subjectOf(one) === subject);
    return subject === ""
      ? firstDifference(`${phase} other calls`, of(expected).toSorted(), of(actual).toSorted())
      : firstDifference(`${phase} calls about ${subject}`, of(expected), of(actual));
  });
}

function firstDifference(
  where: string,
  expected: readonly string[],
  actual: readonly string[],
): readonly string[] {
  const count = Math.max(expected.length, actual.length);
  const index = Array.from({ length: count }, (_, at) => at).find((at) => expected[at] !== actual[at]);
  if (index === undefined) return [];
  return [
    `${where}, number ${index + 1} of ${expected.length}/${actual.length}: expected ${expected[index]} got ${actual[index]}`,
  ];
}

const randomUuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

function line(call: string, parameters: Readonly<Record<string, string>>): string {
  const keys = Object.keys(parameters).sort();
  const text = `${call} ${keys.map((key) => `${key}=${parameters[key]}`).join(" & ")}`;
  return text.replaceAll(randomUuid, "<uuid>").trim();
}

function collapsed(lines: readonly string[]): readonly string[] {
  return lines.filter((one, index) => one !== lines[index - 1]);
}

// Templates are shared: their clones are told apart by nothing in the path.
function subjectOf(line: string): string {
  const match = /^\S+ nodes\/[^/]+\/(qemu\/\d+)\/(?!clone )/.exec(line);
  return match?.[1] ?? "";
}
