import { isDeepStrictEqual } from "node:util";
import { type CallRules, compareCalls } from "./compare-calls.ts";
import { diagnosticsOf } from "./diagnostics-of.ts";
import { normalizeText } from "./normalize-text.ts";
import {
  isParallel,
  type RecordedChange,
  type RecordedPhase,
  type RecordedResource,
  type Recording,
} from "./recording.ts";
import type { ObservedPhase, ObservedRun } from "./run-recording.ts";

/** Who answered the calls of a run: the recording itself, or our server. */
export type Answers = "recorded" | "embedded";

/** Everything in which a run differs from its recording, one line each; random values are the same by shape. */
export function compareRun(recording: Recording, observed: ObservedRun, answers: Answers): readonly string[] {
  const rules = rulesOf(recording, answers);
  return [
    ...recording.phases.flatMap((phase, index) => comparePhase(phase, observed.phases[index], rules)),
    ...comparePlan("plan", recording.plan, observed.plan),
    ...comparePlan("replan", recording.replan, observed.replan),
    ...(recording.state === undefined ? [] : compareState(recording.state, observed.state)),
  ];
}

function comparePhase(
  recorded: RecordedPhase,
  observed: ObservedPhase | undefined,
  rules: CallRules,
): readonly string[] {
  const { phase, exit } = recorded;
  if (observed === undefined) return [`${phase}: was not run`];
  return [
    ...(exit === null || exit === observed.exit
      ? []
      : [`${phase}: exit ${observed.exit} instead of ${exit}`]),
    ...differences(
      `${phase} diagnostics`,
      sorted(recorded.diagnostics ?? []),
      sorted(diagnosticsOf(observed.output)),
    ),
    ...compareCalls(phase, recorded.calls, observed.calls, rules),
  ];
}

function rulesOf(recording: Recording, answers: Answers): CallRules {
  return {
    isParallel: isParallel(recording),
    arePollsCollapsed: answers === "embedded" || recording.timeScale !== undefined,
    areAnswersOurs: answers === "embedded",
  };
}

function comparePlan(
  name: string,
  recorded: readonly RecordedChange[] | undefined,
  observed: unknown,
): readonly string[] {
  if (recorded === undefined) return [];
  const changes =
    (observed as { resource_changes?: readonly ShownChange[] } | undefined)?.resource_changes ?? [];
  return recorded.flatMap((change) => {
    const found = changes.find(({ address }) => address === change.address);
    const where = `${name} ${change.address}`;
    if (found === undefined) {
      return isNoOp(change) ? [] : [`${where}: not planned`];
    }
    const { actions, after, after_unknown: unknown, replace_paths: paths } = found.change;
    if (isNoOp(change)) return differences(`${where} actions`, change.actions, actions);
    return [
      ...differences(`${where} actions`, change.actions, actions),
      ...differences(`${where} after`, change.after, after),
      ...differences(`${where} unknown`, change.unknown, unknown),
      ...differences(`${where} replace_paths`, sorted(change.replacePaths ?? []), sorted(paths ?? [])),
    ];
  });
}

interface ShownChange {
  readonly address: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly after?: unknown;
    readonly after_unknown?: unknown;
    readonly replace_paths?: readonly unknown[];
  };
}

function isNoOp({ actions }: RecordedChange): boolean {
  return actions.length === 1 && actions[0] === "no-op";
}

function compareState(
  recorded: readonly RecordedResource[],
  observed: ObservedRun["state"],
): readonly string[] {
  const shown = new Map(observed.map((resource) => [resource.address, resource]));
  const known = new Set(recorded.map(({ address }) => address));
  const extra = [...shown.keys()]
    .filter((address) => !known.has(address))
    .map((address) => `state ${address}: is there, but was not recorded`);
  return recorded
    .flatMap((resource) => {
      const where = `state ${resource.address}`;
      const found = shown.get(resource.address);
      if (found === undefined) return [`${where}: is missing`];
      return [
        ...differences(`${where} tainted`, resource.tainted ?? false, found.tainted ?? false),
        ...differences(where, resource.values, found.values),
      ];
    })
    .concat(extra);
}

/** The paths at which two JSON values differ. */
function differences(where: string, expected: unknown, actual: unknown): readonly string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  if (isRecord(expected) && isRecord(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].sort().flatMap((key) => differences(`${where}.${key}`, expected[key], actual[key]));
  }
  const [left, right] = [shape(expected), shape(actual)];
  return left === right ? [] : [`${where}: expected ${left} got ${right}`];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function shape(value: unknown): string {
  return normalizeText(JSON.stringify(value) ?? "nothing");
}

function sorted(list: readonly unknown[]): readonly unknown[] {
  return list.map((item) => normalizeText(JSON.stringify(item))).sort();
}
