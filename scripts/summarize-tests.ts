import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestResults } from "./results-reporter.ts";

// Usage: node scripts/summarize-tests.ts <coverage-summary.json> <results.json>...
// Prints what failed, what was skipped and why, in how much the stand-ins are known to differ from the real things, the
// coverage where it was measured, and as the last line the three counts.
// Exit code 1 when a test failed, when a skipped test gives no reason, when nothing passed, when results are missing.

/** The lists of test/truth/known-differences.json, and what the items of each are. */
const truthLists = {
  pve: "exchanges of Proxmox VE that are answered otherwise",
  packer: "calls of Packer that are answered otherwise",
  provider: "differences of the provider's runs",
  providerNotPlayed: "runs of the provider that are not played",
} as const;

interface CoverageSummary {
  readonly total: Readonly<
    Record<"lines" | "branches" | "functions" | "statements", { readonly pct: number }>
  >;
}

const [coverageFile = "", ...resultFiles] = process.argv.slice(2);
const results = resultFiles.map(readResults);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.flatMap((result) => result.failed);
const skipped = results.flatMap((result) => result.skipped);
const unexplained = skipped.filter((test) => test.reason === undefined);

for (const name of failed) console.log(`failed: ${name}`);
for (const test of skipped) console.log(`skipped: ${test.name}: ${test.reason ?? "no reason given"}`);
if (unexplained.length > 0) console.log('A skipped test names its reason: context.skip("why").');
for (const line of describeTruth()) console.log(line);
if (existsSync(coverageFile)) console.log(`coverage: ${describeCoverage()}`);
console.log(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exitCode = passed === 0 || failed.length > 0 || unexplained.length > 0 ? 1 : 0;

function readResults(file: string): TestResults {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as TestResults;
  return { passed: 0, failed: ["Vitest ended without results; see its words above"], skipped: [] };
}

function describeCoverage(): string {
  const { lines, branches, functions } = (JSON.parse(readFileSync(coverageFile, "utf8")) as CoverageSummary)
    .total;
  return `lines ${lines.pct} %, branches ${branches.pct} %, functions ${functions.pct} %`;
}

/** One line a list; an entry may stand for several calls. */
function describeTruth(): readonly string[] {
  const file = join(import.meta.dirname, "../test/truth/known-differences.json");
  const truth = JSON.parse(readFileSync(file, "utf8")) as Record<
    keyof typeof truthLists,
    readonly { readonly calls?: readonly string[] }[]
  >;
  return Object.entries(truthLists).map(([list, items]) => {
    const entries = truth[list as keyof typeof truthLists];
    const count = entries.reduce((sum, { calls }) => sum + (calls?.length ?? 1), 0);
    return `known differences: ${count} ${items}`;
  });
}
