import { afterAll, expect, test } from "vitest";
import { applyUnderFaults, tenPercent } from "../e2e/crash/fault-lab.ts";
import { terraformBinaries } from "../e2e/terraform-binaries.ts";

const [binary = "tofu"] = terraformBinaries();
const rows: string[] = [];

afterAll(() => {
  const head = [
    "| machines | seed | applies | waits | API calls | failed calls |",
    "|---|---|---|---|---|---|",
  ];
  console.log([...head, ...rows].join("\n"));
});

test.each([
  [1, 1],
  [2, 1],
  [2, 2],
  [5, 1],
])(
  "%i machines are there after one apply, with one API call in ten failing (seed %i)",
  async (count, seed) => {
    const figures = await applyUnderFaults(binary, count, { seed, rules: tenPercent() });
    const { rounds, retries, calls, failedCalls } = figures;
    rows.push(`| ${[count, seed, rounds, retries, calls, failedCalls].join(" | ")} |`);
    expect(figures.exitCode, figures.output).toBe(0);
    expect(figures.running).toEqual(Array.from({ length: count }, (_, index) => 101 + index));
  },
);
