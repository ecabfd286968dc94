import { writeFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** What scripts/summarize-tests.ts adds up. */
export interface TestResults {
  readonly passed: number;
  /** Failed tests, test files that could not be loaded, and errors outside any test, each with its reason. */
  readonly failed: readonly string[];
  readonly skipped: readonly { readonly name: string; readonly reason: string | undefined }[];
}

/** Of each end of a failure's text. */
const mostFailureChars = 1500;

/** Vitest reporter: writes TestResults as JSON to the file that NIXHERD_TEST_RESULTS names. */
// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by its default export
export default class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly { readonly message: string }[]): void {
    const file = process.env["NIXHERD_TEST_RESULTS"];
    if (file === undefined) throw new Error("NIXHERD_TEST_RESULTS names no file");
    writeFileSync(file, JSON.stringify(collectResults(modules, errors)));
  }
}

function collectResults(modules: readonly TestModule[], errors: readonly { message: string }[]): TestResults {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string) => tests.filter((test) => test.result().state === state);
  return {
    passed: inState("passed").length,
    failed: [
      ...inState("failed").map((test) => `${nameOf(test)}: ${failureOf(test)}`),
      ...modules.flatMap((module) => module.errors().map((error) => `${module.moduleId}: ${error.message}`)),
      ...errors.map((error) => `outside any test: ${error.message}`),
    ],
    skipped: [...inState("skipped"), ...inState("pending")].map((test) => ({
      name: nameOf(test),
      reason: reasonOf(test),
    })),
  };
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}

/** What was wrong, for whoever has the closing lines only: without colours, and without the middle of a long text. */
function failureOf(test: TestCase): string {
  const { errors = [] } = test.result();
  const text = stripVTControlCharacters(
    errors.map(({ message, diff }) => [message, diff ?? ""].join("\n")).join("\n"),
  ).trim();
  const isLong = text.length > 2 * mostFailureChars;
  return isLong ? `${text.slice(0, mostFailureChars)}\n[...]\n${text.slice(-mostFailureChars)}` : text;
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === "skipped" ? result.note : undefined;
}
