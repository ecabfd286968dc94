import { formatProblem, type Problem } from "../../lib/problem.ts";
import type { Report } from "./events.ts";

/**
 * Tells the warnings of a validation; gives the lines in which the app of cdktf.json says the same, so that nobody hears
 * them twice.
 */
export function tellWarnings(warnings: readonly Problem[], report: Report): ReadonlySet<string> {
  for (const { file, pointer, severity, message } of warnings) {
    report({ event: "problem", problem: { stack: stackOf(file), file, pointer, severity, message } });
  }
  return new Set(warnings.map((problem) => `${problem.severity}: ${formatProblem(problem)}`));
}

/** vm-specs/<stack>/<machine>.json is of a stack, what lies directly in vm-specs/ of all. */
function stackOf(file: string): string | null {
  const [, stack = "", ...rest] = file.split("/");
  return rest.length > 0 ? stack : null;
}
