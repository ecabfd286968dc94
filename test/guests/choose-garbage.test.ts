import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chooseGarbage } from "../../guests/choose-garbage.ts";
import type { Generation } from "../../guests/read-generations.ts";

const now = 1_800_000_000;
const day = 86_400;

/** Generations of a machine: numbers and ages grow apart, any of them may be one that the machine needs. */
const someGenerations: fc.Arbitrary<Generation[]> = fc
  .uniqueArray(
    fc.record({
      number: fc.integer({ min: 1, max: 60 }),
      madeAtSeconds: fc.integer({ min: now - 90 * day, max: now }),
      isCurrent: fc.boolean(),
      isRunning: fc.boolean(),
      isBooted: fc.boolean(),
      isConfirmed: fc.boolean(),
    }),
    { selector: ({ number }) => number, maxLength: 20 },
  )
  .map((all) =>
    all.map((one) => ({
      ...one,
      system: `/nix/store/${one.number}`,
      nixosVersion: "",
      kernel: "",
      revision: "",
    })),
  );

/** Said here once more: the law must not lean on the code that it judges. */
const mustStay = ({ isCurrent, isRunning, isBooted, isConfirmed }: Generation): boolean =>
  [isCurrent, isRunning, isBooted, isConfirmed].includes(true);

const someRule = fc.record({
  keep: fc.integer({ min: 0, max: 25 }),
  olderThanSeconds: fc.integer({ min: 0, max: 100 * day }),
});

test("what is current, running, booted or confirmed last never goes, whatever the rule says", async () => {
  await fc.assert(
    fc.property(someGenerations, someRule, (generations, rule) => {
      expect(chooseGarbage(generations, rule, now).filter(mustStay)).toEqual([]);
    }),
  );
});

test("the newest generations and the young ones stay, and every other one goes", async () => {
  await fc.assert(
    fc.property(someGenerations, someRule, (generations, { keep, olderThanSeconds }) => {
      const garbage = chooseGarbage(generations, { keep, olderThanSeconds }, now);
      for (const generation of generations) {
        const isNewest = generations.filter(({ number }) => number > generation.number).length < keep;
        const isYoung = now - generation.madeAtSeconds < olderThanSeconds;
        expect(garbage.includes(generation)).toBe(!isNewest && !isYoung && !mustStay(generation));
      }
    }),
  );
});

test("a milder rule never deletes what a harsher one keeps", async () => {
  await fc.assert(
    fc.property(someGenerations, someRule, fc.nat(5), fc.nat(10 * day), (generations, rule, more, longer) => {
      const mild = { keep: rule.keep + more, olderThanSeconds: rule.olderThanSeconds + longer };
      const harsh = chooseGarbage(generations, rule, now);
      for (const generation of chooseGarbage(generations, mild, now)) expect(harsh).toContain(generation);
    }),
  );
});

test("what went needs no second collection", async () => {
  await fc.assert(
    fc.property(someGenerations, someRule, (generations, rule) => {
      const garbage = new Set(chooseGarbage(generations, rule, now));
      const rest = generations.filter((generation) => !garbage.has(generation));
      expect(chooseGarbage(rest, rule, now)).toEqual([]);
    }),
  );
});

test("a generation of exactly that age goes, and one that is a second younger stays", () => {
  const aged = (number: number, ageSeconds: number): Generation => ({
    number,
    madeAtSeconds: now - ageSeconds,
    system: `/nix/store/${number}`,
    nixosVersion: "",
    kernel: "",
    revision: "",
    isCurrent: false,
    isRunning: false,
    isBooted: false,
    isConfirmed: false,
  });
  const garbage = chooseGarbage([aged(1, day), aged(2, day - 1)], { keep: 0, olderThanSeconds: day }, now);
  expect(garbage.map(({ number }) => number)).toEqual([1]);
});
