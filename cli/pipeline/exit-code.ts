import type { NixherdError } from "../../lib/errors.ts";

/** The exit code for failures of single stacks: 0 without any, 130 when one of them was interrupted, else 1. */
export function exitCodeOf(failures: readonly NixherdError[]): number {
  return Math.max(0, ...failures.map(({ exitCode }) => exitCode));
}
