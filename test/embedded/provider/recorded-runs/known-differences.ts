import { readFileSync } from "node:fs";

/** A difference from the real provider that is meant to be, or that comes from the recording's surroundings. */
export interface KnownDifference {
  readonly step: string;
  /** The beginning of the difference's line. */
  readonly difference: string;
  readonly reason: string;
  /** The binary with which it shows; absent means every binary. */
  readonly binary?: "tofu" | "terraform";
}

const file = new URL("../../../truth/provider-known-differences.json", import.meta.url);

/** Every known difference. */
export const knownDifferences = JSON.parse(readFileSync(file, "utf8")) as readonly KnownDifference[];

/** The known differences of one step with one binary. */
export function differencesOf(step: string, binary: string): readonly KnownDifference[] {
  return knownDifferences.filter(
    (known) => known.step === step && (known.binary === undefined || binary.endsWith(known.binary)),
  );
}
