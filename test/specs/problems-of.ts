import { formatProblem } from "../../lib/problem.ts";
import { readFleet } from "../../specs/read-fleet.ts";
import { type Content, temporaryRepository } from "./temporary-repository.ts";

/** The problems of a repository with these files, as they are printed. */
export function problemsOf(files: Readonly<Record<string, Content>>): string[] {
  const result = readFleet(temporaryRepository(files));
  if (result.ok) throw new Error("no problem was found");
  return result.problems.map(formatProblem);
}

/** The warnings of a valid repository with these files, as they are printed. */
export function warningsOf(files: Readonly<Record<string, Content>>): string[] {
  const result = readFleet(temporaryRepository(files));
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join("\n"));
  return result.warnings.map(formatProblem);
}
