import type { ErrorCode } from "../lib/error-codes.ts";
import { hookEnding } from "../lib/hook-exit-codes.ts";
import { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
import { type FailureContext, failureRules, type Sentence } from "./failure-rules.ts";

/** What is said about a diagnostic before its own words. */
export interface Explanation {
  readonly code: ErrorCode;
  /** One sentence of what happened. */
  readonly what: string;
  /** One sentence of what to do. */
  readonly hint: string;
  /** What is shown of Terraform's own words. Defaults to all of them. */
  readonly words?: string;
}

/**
 * Recognises a failure by Terraform's words, the only place that does; undefined when no rule knows them.
 * Texts of OpenTofu 1.12.6, Terraform 1.11.4, bpg/proxmox 0.111.1, Proxmox VE 9.2 and scripts/hooks/post-apply.sh.
 */
export function explainFailure(diagnostic: Diagnostic, context: FailureContext): Explanation | undefined {
  if (diagnostic.summary === "local-exec provisioner error") return explainHook(diagnostic);
  const words = formatDiagnostic(diagnostic).replace(/\s+/g, " ");
  for (const { code, commands, pattern, what, hint } of failureRules) {
    const match = commands === undefined || commands.includes(context.command) ? pattern.exec(words) : null;
    if (match === null) continue;
    const say = (sentence: Sentence) => (typeof sentence === "string" ? sentence : sentence(match, context));
    return { code, what: say(what), hint: say(hint) };
  }
  return undefined;
}

/** The hook ends with a line "<name> (<vmId>): <what happened>. <what to do>."; what comes before is its output. */
function explainHook({ summary, detail, address }: Diagnostic): Explanation {
  const [, exitCode, output = ""] = /: (?:exit status (\d+)|signal: \w+)\. Output:(.*)$/s.exec(detail) ?? [];
  const lastLine = output.trim().split("\n").at(-1) ?? "";
  const [, happened, advice] = /^(\S+ \(\d+\): .+)\. ([A-Z].*?)\.?$/.exec(lastLine) ?? [];
  const isScriptMissing = / post-apply script \S+ (?:is not executable|does not exist)$/.test(happened ?? "");
  const ending = exitCode === undefined ? "it was ended by a signal" : `exit code ${exitCode}`;
  const { code, advice: generalAdvice } = hookEnding(exitCode === undefined ? undefined : Number(exitCode));
  return {
    code: isScriptMissing ? "HOOK_NOT_EXECUTABLE" : code,
    what: `${happened ?? `A machine's hook failed: ${ending}`}.`,
    hint: `${advice ?? generalAdvice}.`,
    ...(happened === undefined
      ? {}
      : { words: [`${summary} (${address}): ${ending}`, ...failedPhase(output)].join("\n") }),
  };
}

/** What the hook printed from the beginning of the phase that failed, but for its last line, which the explanation is. */
function failedPhase(output: string): string[] {
  const lines = output.trim().split("\n");
  const [failure, phase] = /^phase=(\S+) state=fail\b/m.exec(output) ?? [];
  const end = lines.findIndex((line) => failure !== undefined && line.startsWith(failure));
  const start = lines.findLastIndex(
    (line, index) => index < end && line.startsWith(`phase=${phase} state=start`),
  );
  return lines.slice(start + 1, -1).filter((line) => !line.startsWith("phase="));
}
