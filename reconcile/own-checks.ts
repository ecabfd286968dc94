import { join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import { maskSecrets } from "../lib/mask-secrets.ts";
import { runCommand } from "../lib/run-command.ts";
import type { PlanJson } from "../terraform/show.ts";
import type { Objection } from "./judge-plan.ts";

const deadlineMs = 60_000;
const mostOutputChars = 1024 * 1024;
/** Lines of a failed check that are shown. */
const mostWords = 20;

interface CheckRun {
  /** Absolute path of the repository; the checks' working directory. */
  readonly root: string;
  /** Paths in the repository: TypeScript (.ts) or executable files. */
  readonly checks: readonly string[];
  readonly stack: string;
  readonly interrupt?: AbortSignal | undefined;
}

/**
 * Asks the user's own checks, one after the other, what they have against a plan. A check reads the plan's JSON on
 * stdin, finds the stack's name in NIXHERD_STACK, and prints its objections as a JSON list of sentences.
 * @throws POLICY_CHECK_FAILED when a check ends with another exit code than 0, or prints something else
 */
export async function askOwnChecks(plan: PlanJson, run: CheckRun): Promise<Objection[]> {
  if (run.checks.length === 0) return [];
  const input = JSON.stringify(plan);
  const objections: Objection[] = [];
  for (const check of run.checks) {
    const sentences = await askCheck(check, input, run);
    objections.push(
      ...sentences.map((sentence) => ({
        rule: "own-check",
        message: `${check}: ${sentence}`,
        isFinal: false,
      })),
    );
  }
  return objections;
}

async function askCheck(
  check: string,
  input: string,
  { root, stack, interrupt }: CheckRun,
): Promise<string[]> {
  const file = join(root, check);
  const command = check.endsWith(".ts") ? { file: process.execPath, args: [file] } : { file, args: [] };
  const { exitCode, stdout, stderr } = await runCommand({
    ...command,
    cwd: root,
    input,
    env: { NIXHERD_STACK: stack },
    timeoutMs: deadlineMs,
    maxOutputChars: mostOutputChars,
    interrupt,
  });
  if (exitCode !== 0) throw checkFailed(check, `ended with exit code ${exitCode ?? "none"}`, stderr);
  const sentences = readSentences(stdout);
  if (sentences === undefined) throw checkFailed(check, "printed no JSON list of sentences", stdout);
  return sentences;
}

function readSentences(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function checkFailed(check: string, how: string, words: string): NixherdError {
  const lastWords = maskSecrets(words).trim().split("\n").slice(-mostWords).join("\n");
  return new NixherdError("POLICY_CHECK_FAILED", {
    message: `The policy's check ${check} ${how}.${lastWords === "" ? "" : `\n${lastWords}`}`,
    hint: "Mend the check; while it fails, no plan is applied.",
  });
}
