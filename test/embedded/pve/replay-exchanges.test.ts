import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Comparison, playExchange } from "./replay/play-exchange.ts";
import { readExchanges } from "./replay/recording.ts";
import { directions, openStage, type Stage } from "./replay/stage.ts";

interface KnownDifference {
  readonly name: string;
  /** What it is down to: our choice, something not served, or a limit of the recording. */
  readonly kind: "deliberate" | "not served" | "recording";
  readonly reason: string;
}

const truthFile = join(import.meta.dirname, "../../truth/known-differences.json");
const truth: { readonly pve: readonly KnownDifference[] } = JSON.parse(readFileSync(truthFile, "utf8"));
const knownDifferences = truth.pve;
const exchanges = readExchanges();

describe("replaying the exchanges of a real Proxmox VE 9.2.11", () => {
  let stage: Stage;
  const comparisons = new Map<string, Comparison>();

  beforeAll(async () => {
    stage = await openStage();
    for (const exchange of exchanges) {
      await directions[exchange.name]?.(stage, exchanges);
      comparisons.set(exchange.name, await playExchange(stage, exchange));
    }
  });

  afterAll(async () => {
    await stage.pve.stop();
    const differing = [...comparisons.values()].filter(({ isEqual }) => !isEqual).length;
    const counts = `${comparisons.size} of ${exchanges.length} exchanges replayed, ${comparisons.size - differing} equal`;
    process.stdout.write(`embedded Proxmox VE: ${counts}, ${differing} known differences\n`);
  });

  const known = new Map(knownDifferences.map((difference) => [difference.name, difference]));

  test.each(exchanges.filter(({ name }) => !known.has(name)).map(({ name }) => [name]))(
    "%s is answered as recorded",
    (name) => {
      const comparison = comparisons.get(name);
      expect(comparison?.ours).toEqual(comparison?.recorded);
    },
  );

  test.each(knownDifferences.map(({ name }) => [name]))(
    "%s still differs as the list of differences says",
    (name) => {
      expect(comparisons.get(name)?.isEqual).toBe(false);
    },
  );

  test("the list of differences names recorded exchanges only, each once and with a reason", () => {
    const names = knownDifferences.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(exchanges.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(knownDifferences.every(({ reason }) => reason.length > 20)).toBe(true);
  });
});
