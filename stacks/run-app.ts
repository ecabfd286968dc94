import { cwd, env, exit } from "node:process";
import { NixherdError } from "../lib/errors.ts";
import { formatProblem } from "../lib/problem.ts";
import { readFleet } from "../specs/read-fleet.ts";
import { synthesize } from "./synthesize.ts";

/**
 * The app of cdktf.json (`node stacks/main.ts`), run in the repository's root: writes cdktf.out (or CDKTF_OUTDIR).
 * With problems in the specs it writes nothing, prints all of them and ends with exit code 2.
 */
function main(root: string, outputFolder: string): number {
  const result = readFleet(root);
  const found = result.ok ? result.warnings : result.problems;
  for (const problem of found) console.error(`${problem.severity}: ${formatProblem(problem)}`);
  if (!result.ok) {
    const errors = found.filter(({ severity }) => severity === "error").length;
    console.error(`${errors} ${errors === 1 ? "problem" : "problems"} in vm-specs/; nothing was written.`);
    return 2;
  }
  synthesize(result.fleet, outputFolder);
  return 0;
}

try {
  exit(main(cwd(), env["CDKTF_OUTDIR"] ?? "cdktf.out"));
} catch (error) {
  if (!(error instanceof NixherdError)) throw error;
  console.error(`error ${error.code}: ${error.message}\n  -> ${error.hint}`);
  exit(error.exitCode);
}
