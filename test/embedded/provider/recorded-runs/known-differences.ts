import { readFileSync } from "node:fs";
import type { Answers } from "./compare-run.ts";

/** A difference from the real provider that comes from the recording's surroundings. */
export interface KnownDifference {
  readonly step: string;
  /** The beginning of the difference's line. */
  readonly difference: string;
  readonly reason: string;
  /** Who answered when it shows; absent means in both checks. */
  readonly check?: Answers;
  /** The binary with which it shows; absent means every binary. */
  readonly binary?: "tofu" | "terraform";
}

/** A recorded step that is not played. */
interface NotPlayed {
  readonly step: string;
  readonly reason: string;
}

const file = new URL("../../../truth/known-differences.json", import.meta.url);
const truth = JSON.parse(readFileSync(file, "utf8")) as {
  provider: readonly KnownDifference[];
  providerNotPlayed: readonly NotPlayed[];
};

/** Every known difference. */
export const knownDifferences = truth.provider;

/** Every step that is left out. */
export const notPlayed = truth.providerNotPlayed;

/** How a step is played. */
export interface Playing {
  readonly step: string;
  readonly answers: Answers;
  readonly binary: string;
}

/** The known differences of one playing. */
export function differencesOf({ step, answers, binary }: Playing): readonly KnownDifference[] {
  return knownDifferences.filter(
    (known) =>
      known.step === step &&
      (known.check === undefined || known.check === answers) &&
      (known.binary === undefined || binary.endsWith(known.binary)),
  );
}

/** Whether our server cannot be what a step needs, so that only the recorded answers show all of it. */
export function needsRecordedAnswers(step: string): boolean {
  return knownDifferences.some((known) => known.step === step && known.check === "embedded");
}
