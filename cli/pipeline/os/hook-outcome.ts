import { NixherdError } from "../../../lib/errors.ts";
import { hookEnding } from "../../../lib/hook-exit-codes.ts";

/**
 * The error for a run of the hook that did not end well. Its last line says what happened, what the machine runs, and,
 * as its last sentence, what to do.
 */
export function hookFailure(machine: string, exitCode: number | undefined, lastLine: string): NixherdError {
  const prefix = `${machine}: `;
  const words = (lastLine.startsWith(prefix) ? lastLine.slice(prefix.length) : lastLine).trim();
  const end = words.lastIndexOf(". ");
  const [what, advice] = end < 0 ? [words, ""] : [words.slice(0, end + 1), words.slice(end + 2)];
  const { code, advice: generalAdvice } = hookEnding(exitCode);
  return new NixherdError(code, {
    message: `${machine}: ${what || `the NixOS step ended with exit code ${exitCode ?? "none"}.`}`,
    hint: advice || `${generalAdvice}.`,
  });
}
