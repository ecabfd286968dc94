import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatProblem, type Problem } from "../../lib/problem.ts";
import type { FleetResult } from "../../specs/fleet.ts";
import { readFleet } from "../../specs/read-fleet.ts";
import { rules } from "../../specs/rules.ts";

const goldenFolder = join(import.meta.dirname, "golden");
const situations = readdirSync(goldenFolder);

test.for(situations)("The repository %s is read as its golden file says", async (situation) => {
  const folder = join(goldenFolder, situation);
  const result = readFleet(folder);
  if (result.ok) await expect(fleetText(result)).toMatchFileSnapshot(join(folder, "expected.json.txt"));
  else await expect(problemLines(result.problems)).toMatchFileSnapshot(join(folder, "expected.txt"));
});

test("No golden repository keeps a golden file of what it once was", () => {
  const twofold = situations.filter((situation) => {
    return (
      readdirSync(join(goldenFolder, situation)).filter((name) => name.startsWith("expected")).length !== 1
    );
  });
  expect(twofold).toEqual([]);
});

test("Every rule has a golden repository of its name in which it finds something", () => {
  const silent = rules.map(({ name }) => name).filter((name) => !findsSomething(name));
  expect(silent).toEqual([]);
});

function findsSomething(rule: string): boolean {
  if (!situations.includes(rule)) return false;
  const result = readFleet(join(goldenFolder, rule));
  const problems = result.ok ? result.warnings : result.problems;
  return problems.some((problem) => problem.rule === rule);
}

function fleetText({ fleet: { site, stacks }, warnings }: Extract<FleetResult, { ok: true }>): string {
  return `${JSON.stringify({ warnings: warnings.map(formatProblem), site, stacks }, null, 2)}\n`;
}

function problemLines(problems: readonly Problem[]): string {
  return problems
    .map((problem) => `${problem.severity} ${problem.rule} ${formatProblem(problem)}\n`)
    .join("");
}
