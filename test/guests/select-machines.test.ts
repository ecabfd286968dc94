import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isMeant, selectMachines } from "../../guests/select-machines.ts";
import { NixherdError } from "../../lib/errors.ts";
import type { Machine } from "../../specs/fleet.ts";
import { machineOf, someMachines } from "./machines.ts";

const fleet = [
  machineOf({ name: "web-1", vmId: 101, tags: ["web", "edge"] }),
  machineOf({ name: "web-2", vmId: 102, tags: ["web"], node: "pve2" }),
  machineOf({ name: "db-1", vmId: 103, isStarted: false }),
  machineOf({ stack: "prod", name: "web-1", vmId: 201, tags: ["prod"] }),
];

const select = (patterns: readonly string[], more: { stacks?: string[]; nodes?: string[] } = {}): number[] =>
  selectMachines(fleet, { patterns, stacks: [], nodes: [], ...more }).map(({ spec }) => spec.vmId);

function refusal(work: () => unknown): NixherdError {
  try {
    work();
  } catch (error) {
    if (error instanceof NixherdError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

test.each<[string, string[], number[]]>([
  ["nothing means every machine that is to run", [], [101, 102, 201]],
  ["a name means every machine of that name", ["web-1"], [101, 201]],
  ["stack/name means one", ["prod/web-1"], [201]],
  ["a VMID means one", ["102"], [102]],
  ["a glob means all that fit", ["web-*"], [101, 102, 201]],
  ["a glob of stack and name", ["*/db-?"], [103]],
  ["a tag means all that have it", ["@web"], [101, 102]],
  ["a glob of tags", ["@e*"], [101]],
  [
    "several patterns mean all that fit one of them, each once",
    ["@web", "web-*", "db-1"],
    [101, 102, 103, 201],
  ],
])("%s", (_, patterns, expected) => {
  expect(select(patterns)).toEqual(expected);
});

test("stacks and nodes narrow a selection down", () => {
  expect(select(["web-*"], { stacks: ["demo"] })).toEqual([101, 102]);
  expect(select(["web-*"], { nodes: ["pve2"] })).toEqual([102]);
  expect(refusal(() => select(["@prod"], { stacks: ["demo"] })).message).toMatch(/everything that was asked/);
});

test("a pattern, a stack or a node that nothing has is refused, with a list of what there is", () => {
  const error = refusal(() => select(["web-1", "wbe-*"]));
  expect(error).toMatchObject({ code: "USAGE", message: "No machine is called wbe-*." });
  expect(error.hint).toBe("There is: demo/db-1, demo/web-1, demo/web-2, prod/web-1; @edge, @prod, @web.");
  expect(refusal(() => select([], { stacks: ["staging"] })).hint).toBe("There is: demo, prod.");
  expect(refusal(() => select([], { nodes: ["pve9"] })).hint).toBe("There is: pve1, pve2.");
});

const somePattern = fc.constantFrom(
  "web-*",
  "db-?",
  "*-1",
  "demo/*",
  "*/api-*",
  "@web",
  "@*",
  "web-2",
  "103",
  "*",
);

/** What a selection gives, [] where it is refused. */
function selected(machines: readonly Machine[], patterns: readonly string[]): readonly Machine[] {
  try {
    return selectMachines(machines, { patterns, stacks: [], nodes: [] });
  } catch (error) {
    if (error instanceof NixherdError && error.code === "USAGE") return [];
    throw error;
  }
}

test("a selection holds exactly what some pattern means, each once, in the fleet's order", async () => {
  await fc.assert(
    fc.property(someMachines, fc.array(somePattern, { minLength: 1, maxLength: 3 }), (machines, patterns) => {
      const isRefused = patterns.some((pattern) => !machines.some((machine) => isMeant(machine, pattern)));
      const expected = machines.filter((machine) => patterns.some((pattern) => isMeant(machine, pattern)));
      expect(selected(machines, patterns)).toEqual(isRefused ? [] : expected);
    }),
  );
});

test("the order of the patterns, and patterns said twice, change nothing", async () => {
  await fc.assert(
    fc.property(someMachines, fc.array(somePattern, { minLength: 1, maxLength: 4 }), (machines, patterns) => {
      const said = selected(machines, patterns);
      expect(selected(machines, patterns.toReversed())).toEqual(said);
      expect(selected(machines, [...patterns, ...patterns])).toEqual(said);
    }),
  );
});

test("each machine can be named alone, by stack and name and by its VMID", async () => {
  await fc.assert(
    fc.property(someMachines, (machines) => {
      for (const machine of machines) {
        expect(selected(machines, [`${machine.stack}/${machine.name}`])).toEqual([machine]);
        expect(selected(machines, [String(machine.spec.vmId)])).toEqual([machine]);
      }
    }),
  );
});
