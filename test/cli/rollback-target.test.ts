import { expect, test } from "vitest";
import { rollbackTarget } from "../../cli/pipeline/os/rollback-target.ts";
import type { Generation } from "../../guests/read-generations.ts";
import { machineOf } from "../guests/machines.ts";

/** Generations by their systems' letters, numbered from 1; the marked one is current. */
function generationsOf(systems: string, current: number): Generation[] {
  return [...systems].map((letter, index) => ({
    number: index + 1,
    madeAtSeconds: index,
    system: `/nix/store/${letter}`,
    nixosVersion: "",
    kernel: "",
    revision: "",
    isCurrent: index + 1 === current,
    isRunning: false,
    isBooted: false,
    isConfirmed: false,
  }));
}

const target = (systems: string, current: number, asked?: number) =>
  rollbackTarget(machineOf({}), generationsOf(systems, current), asked).number;

test.each<[string, string, number, number]>([
  ["the generation before the current one", "abc", 3, 2],
  ["the one before it with another system, where a rollback was switched back", "abb", 3, 1],
  ["never a younger one", "abc", 2, 1],
])("a rollback goes to %s", (_, systems, current, expected) => {
  expect(target(systems, current)).toBe(expected);
});

test("a number means that generation, be it younger", () => {
  expect(target("abc", 2, 3)).toBe(3);
  expect(target("abc", 2, 1)).toBe(1);
});

test("without anything to return to, and with a number that is not there, it says what there is", () => {
  expect(() => target("aa", 2)).toThrow("web-1 (101) has no generation before 2 to return to.");
  expect(() => target("ab", 2, 7)).toThrow("web-1 (101) has no generation 7.");
});
