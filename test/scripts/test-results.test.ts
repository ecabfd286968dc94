import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import type { TestResults } from "../../scripts/results-reporter.ts";
import { repository } from "./clone-repository.ts";

const coverage = {
  total: { lines: { pct: 91.5 }, branches: { pct: 80 }, functions: { pct: 70 }, statements: { pct: 90 } },
};

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "nixherd-results-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What the reporter writes for a run of Vitest over one test file. */
async function report(testFile: string): Promise<TestResults> {
  const root = temporaryFolder();
  const results = join(root, "results.json");
  writeFileSync(join(root, "a.test.js"), testFile);
  writeFileSync(join(root, "vitest.config.js"), "export default { test: { globals: true } };");
  const reporter = `--reporter=${join(repository, "scripts/results-reporter.ts")}`;
  await execa("vitest", ["run", "--root", root, reporter], {
    cwd: repository,
    preferLocal: true,
    env: { NIXHERD_TEST_RESULTS: results },
    reject: false,
  });
  return JSON.parse(readFileSync(results, "utf8")) as TestResults;
}

/** Exit code and lines of the summary of runs; `undefined` is a run that left no results. */
async function summarizeWith(
  beside: Readonly<Record<string, string>>,
  runs: readonly (TestResults | undefined)[],
) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(beside)) writeFileSync(join(folder, name), text);
  const files = runs.map((_, index) => join(folder, `${index}.json`));
  for (const [index, run] of runs.entries()) {
    if (run !== undefined) writeFileSync(join(folder, `${index}.json`), JSON.stringify(run));
  }
  const script = join(repository, "scripts/summarize-tests.ts");
  const { exitCode, stdout } = await execa("node", [script, join(folder, "coverage.json"), ...files], {
    reject: false,
  });
  return { exitCode, lines: stdout.split("\n") };
}

/** The same of runs whose coverage was measured. */
function summarize(...runs: readonly (TestResults | undefined)[]) {
  return summarizeWith({ "coverage.json": JSON.stringify(coverage) }, runs);
}

test("the reporter counts what passed and names what failed or was skipped, with the reason", async () => {
  const results = await report(`
    describe("group", () => { test("passes", () => {}); test("fails", () => { throw new Error("no") }); });
    test("has no tool", (context) => context.skip("no nix here"));
    test.skip("nobody knows why", () => {});
    test.todo("later");
  `);
  expect(results).toEqual({
    passed: 1,
    failed: ["a.test.js > group > fails: no"],
    skipped: [
      { name: "a.test.js > has no tool", reason: "no nix here" },
      { name: "a.test.js > nobody knows why" },
      { name: "a.test.js > later" },
    ],
  });
});

test("a failure tells what was expected, without colours, and of a long text its ends", async () => {
  const { failed } = await report(`
    test("differs", () => { expect("b").toBe("a") });
    test("is long", () => { throw new Error("begin" + "x".repeat(10000) + "end") });
  `);
  expect(failed[0]).toMatch(/differs: expected 'b' to be 'a'.*\n[\s\S]*Expected: "a"\nReceived: "b"$/);
  expect(failed[1]).toMatch(/is long: beginx+\n\[\.\.\.\]\nx+end$/);
  expect(failed[1]?.length).toBeLessThan(4000);
});

test("a test file that does not load and an error outside any test are failures", async () => {
  expect((await report('throw new Error("broken file");')).failed).toEqual([
    expect.stringMatching(/a\.test\.js: broken file$/),
  ]);
  const late = 'test("passes", () => { Promise.reject(new Error("nobody waits for this")) });';
  expect((await report(late)).failed).toEqual(["outside any test: nobody waits for this"]);
});

test("the last line is the sum of all runs, alone, and exit code 0 means that all is well", async () => {
  const { exitCode, lines } = await summarize(
    { passed: 3, failed: [], skipped: [{ name: "a", reason: "no nix here" }] },
    { passed: 2, failed: [], skipped: [] },
  );
  expect(lines.filter((line) => !line.startsWith("known differences: "))).toEqual([
    "skipped: a: no nix here",
    "coverage: lines 91.5 %, branches 80 %, functions 70 %",
    "5 passed, 0 failed, 1 skipped",
  ]);
  expect(exitCode).toBe(0);
});

test("coverage that was not measured is not mentioned", async () => {
  const { lines } = await summarizeWith({}, [{ passed: 1, failed: [], skipped: [] }]);
  expect(lines.filter((line) => line.startsWith("coverage"))).toEqual([]);
});

test.each([
  ["a failure", { passed: 1, failed: ["a"], skipped: [] }, "1 passed, 1 failed, 0 skipped"],
  [
    "a skip without a reason",
    { passed: 1, failed: [], skipped: [{ name: "a", reason: undefined }] },
    "1 passed, 0 failed, 1 skipped",
  ],
  ["no test at all", { passed: 0, failed: [], skipped: [] }, "0 passed, 0 failed, 0 skipped"],
])("%s ends with exit code 1", async (_, run, last) => {
  const { exitCode, lines } = await summarize(run);
  expect(lines.at(-1)).toBe(last);
  expect(exitCode).toBe(1);
});

test("a run that ended without results is a failure, and the last line is still there", async () => {
  const { exitCode, lines } = await summarize({ passed: 4, failed: [], skipped: [] }, undefined);
  expect(lines[0]).toBe("failed: Vitest ended without results; see its words above");
  expect(lines.at(-1)).toBe("4 passed, 1 failed, 0 skipped");
  expect(exitCode).toBe(1);
});

test("the lists of known differences are counted, one line a list", async () => {
  const truth = JSON.parse(readFileSync(join(repository, "test/truth/known-differences.json"), "utf8"));
  const { lines } = await summarize({ passed: 1, failed: [], skipped: [] });
  expect(lines.filter((line) => line.startsWith("known differences: "))).toEqual([
    `known differences: ${truth.pve.length} exchanges of Proxmox VE that are answered otherwise`,
    `known differences: ${truth.packer.flatMap(({ calls }: { calls: string[] }) => calls).length} calls of Packer that are answered otherwise`,
    `known differences: ${truth.provider.length} differences of the provider's runs`,
    `known differences: ${truth.providerNotPlayed.length} runs of the provider that are not played`,
  ]);
});
