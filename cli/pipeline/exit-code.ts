import { errorCodes } from "../../lib/error-codes.ts";
import type { NixherdError } from "../../lib/errors.ts";

/**
 * The exit code for failures of single stacks: 0 without any, 130 when one of them was interrupted, 1 when one failed,
 * and 4 when plans were held and nothing worse happened.
 */
export function exitCodeOf(failures: readonly NixherdError[]): number {
  const worse = failures.filter(({ code }) => code !== "PLAN_HELD");
  if (worse.length > 0) return Math.max(...worse.map(({ exitCode }) => exitCode));
  return failures.length > 0 ? errorCodes.PLAN_HELD.exitCode : 0;
}
