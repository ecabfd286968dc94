import type { ReceivedCall } from "./call-server.ts";
import { compareAnswers } from "./compare-answers.ts";
import { normalizeText } from "./normalize-text.ts";
import type { RecordedCall } from "./recording.ts";

/** What of the calls counts. */
export interface CallRules {
  /** Several resources were worked on side by side: the order counts for each of them only. */
  readonly isParallel: boolean;
  /** How often a poll is repeated is a matter of time, and does not count. */
  readonly arePollsCollapsed: boolean;
  /** The answers were given by a server of our own, and count too. */
  readonly areAnswersOurs: boolean;
}

interface Call {
  readonly line: string;
  readonly recorded?: RecordedCall;
  readonly received?: ReceivedCall;
}

/** The first call in which a phase differs from its recording, and every answer before it that differs. */
export function compareCalls(
  phase: string,
  recorded: readonly RecordedCall[],
  received: readonly ReceivedCall[],
  rules: CallRules,
): readonly string[] {
  const expected = recorded.map((one): Call => {
    return { line: lineOf(one.call, { ...one.query, ...one.form }), recorded: one };
  });
  const actual = received.map((one): Call => ({ line: lineOf(one.call, one.parameters), received: one }));
  if (!rules.isParallel) return compareSequence(`${phase} calls`, expected, actual, rules);
  const subjects = new Set([...expected, ...actual].map(subjectOf));
  return [...subjects].flatMap((subject) => {
    const own = (calls: readonly Call[]): readonly Call[] =>
      calls.filter((one) => subjectOf(one) === subject);
    return subject === ""
      ? compareSequence(`${phase} other calls`, byLine(own(expected)), byLine(own(actual)), rules)
      : compareSequence(`${phase} calls about ${subject}`, own(expected), own(actual), rules);
  });
}

function compareSequence(
  where: string,
  recorded: readonly Call[],
  received: readonly Call[],
  rules: CallRules,
): readonly string[] {
  const [expected, actual] = rules.arePollsCollapsed
    ? [collapsed(recorded), collapsed(received)]
    : [recorded, received];
  const count = Math.max(expected.length, actual.length);
  const all = Array.from({ length: count }, (_, at) => at);
  const index = all.find((at) => expected[at]?.line !== actual[at]?.line);
  const answers = rules.areAnswersOurs
    ? all.slice(0, index).flatMap((at) => answerDifferences(where, expected[at], actual[at]))
    : [];
  if (index === undefined) return answers;
  const sides = `expected ${expected[index]?.line} got ${actual[index]?.line}`;
  return [...answers, `${where}, number ${index + 1} of ${expected.length}/${actual.length}: ${sides}`];
}

function answerDifferences(
  where: string,
  expected: Call | undefined,
  actual: Call | undefined,
): readonly string[] {
  const answer = actual?.received?.answer;
  if (expected?.recorded === undefined || answer === undefined) return [];
  return compareAnswers(`${where}: answer to ${expected.line}`, expected.recorded, answer);
}

function lineOf(call: string, parameters: Readonly<Record<string, string>>): string {
  const keys = Object.keys(parameters).sort();
  return normalizeText(`${call} ${keys.map((key) => `${key}=${parameters[key]}`).join(" & ")}`).trim();
}

// Of the same calls in a row the last one counts: it saw what the others waited for.
function collapsed(calls: readonly Call[]): readonly Call[] {
  return calls.filter((one, index) => one.line !== calls[index + 1]?.line);
}

function byLine(calls: readonly Call[]): readonly Call[] {
  return calls.toSorted((one, other) => (one.line < other.line ? -1 : one.line > other.line ? 1 : 0));
}

// Templates are shared: their clones are told apart by nothing in the path.
function subjectOf({ line }: Call): string {
  const match = /^\S+ nodes\/[^/]+\/(qemu\/\d+)\/(?!clone )(firewall\/[a-z]+)?/.exec(line);
  return match === null ? "" : `${match[1]} ${match[2] ?? ""}`.trim();
}
