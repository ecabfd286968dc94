import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest comes first: it waits for real programs. A few seconds' work is left for the end of a run. */
const slowest = [
  "test/embedded/provider/",
  "test/scripts/demo",
  "test/e2e/",
  "test/hooks/",
  "test/watch/",
  "test/template/",
  "test/cli/",
];

/** Orders the test files, so that no long one runs alone at the end while the other cores are idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((left, right) => rank(left) - rank(right));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const path = relative(process.cwd(), moduleId);
  const index = slowest.findIndex((beginning) => path.startsWith(beginning));
  return index === -1 ? slowest.length : index;
}
