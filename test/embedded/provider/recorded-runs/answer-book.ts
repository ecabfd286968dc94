import type { RecordedCall } from "./recording.ts";

/** How answers are chosen where the recorded order is not the order of this run. */
export interface AnswerRules {
  /** Operations run side by side: lists of the whole cluster are given as they were at the end. */
  readonly isParallel: boolean;
  /** The run waits for a timeout: the last answer to a poll is given as often as it is asked. */
  readonly timeScale?: number | undefined;
}

/** The recorded answers that are left; each is given once. */
export class AnswerBook {
  readonly #left: RecordedCall[];
  readonly #all: readonly RecordedCall[];
  readonly #rules: AnswerRules;

  constructor(calls: readonly RecordedCall[], rules: AnswerRules) {
    this.#left = [...calls];
    this.#all = calls;
    this.#rules = rules;
  }

  /** The answer to a call; status 501 when none was recorded. */
  take(call: string, parameters: Readonly<Record<string, string>>): RecordedCall {
    if (this.#rules.isParallel && isClusterWide(call) && parameters["poolid"] === undefined) {
      const last = this.#all.findLast((one) => isSameCall(one, call, parameters));
      if (last !== undefined) return last;
    }
    const exact = this.#left.findIndex((one) => isSameCall(one, call, parameters));
    const index = exact >= 0 ? exact : this.#left.findIndex((one) => one.call === call);
    const [found] = index < 0 ? [] : this.#left.splice(index, 1);
    if (found !== undefined) return found;
    const repeated =
      this.#rules.timeScale === undefined ? undefined : this.#all.findLast((one) => one.call === call);
    return repeated ?? { call, status: 501, reason: `not recorded: ${call}` };
  }
}

function isClusterWide(call: string): boolean {
  return call === "GET cluster/resources" || call === "GET pools";
}

function isSameCall(one: RecordedCall, call: string, parameters: Readonly<Record<string, string>>): boolean {
  if (one.call !== call) return false;
  const recorded = { ...one.query, ...one.form };
  const keys = Object.keys(recorded);
  return (
    keys.length === Object.keys(parameters).length && keys.every((key) => recorded[key] === parameters[key])
  );
}
