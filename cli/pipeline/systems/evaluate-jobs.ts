import { availableParallelism } from "node:os";
import { NixherdError } from "../../../lib/errors.ts";
import { runCommand } from "../../../lib/run-command.ts";
import type { EvaluatedSystem } from "./evaluated-system.ts";
import type { NixSetting } from "./run-nix.ts";

interface JobsRequest extends NixSetting {
  readonly names: readonly string[];
  /** Nix expression of the jobs; see describe-systems.nix. */
  readonly expression: string;
  readonly timeoutMs: number;
}

/** What came out for a machine, as Nix says it; a text is why nothing did. */
export type JobResults = ReadonlyMap<string, EvaluatedSystem | string>;

/** A line of nix-eval-jobs: identity or system of a machine, or why it has none. */
interface Job {
  readonly attrPath: readonly [name: string, part?: string];
  readonly error?: string;
  readonly drvPath?: string;
  readonly system?: string;
  readonly outputs?: { readonly out?: string | null };
}

/** Of a worker, which is started anew when it has more. */
const workerMib = 4096;

/**
 * Evaluates the machines with nix-eval-jobs, several at once. Undefined where it is not at hand, or does not answer as
 * expected: then Nix itself is asked.
 * @throws COMMAND_TIMED_OUT
 */
export async function evaluateJobs(request: JobsRequest): Promise<JobResults | undefined> {
  const lines = await runJobs(request);
  if (lines === undefined) return undefined;
  const jobs = Map.groupBy(lines, ({ attrPath: [name] }) => name);
  const results = request.names.flatMap((name): [string, EvaluatedSystem | string][] => {
    const result = resultOf(jobs.get(name) ?? []);
    return result === undefined ? [] : [[name, result]];
  });
  return results.length === request.names.length ? new Map(results) : undefined;
}

async function runJobs({ root, interrupt, expression, timeoutMs }: JobsRequest): Promise<Job[] | undefined> {
  const affordable = Math.floor(process.availableMemory() / 2 ** 20 / workerMib);
  const workers = Math.min(Math.max(affordable, 1), availableParallelism());
  const settings = ["--option", "extra-experimental-features", "nix-command flakes"];
  const limits = ["--workers", String(workers), "--max-memory-size", String(workerMib)];
  // Which commit or working tree a folder is, a pure evaluation may not ask.
  const args = [...settings, ...limits, "--impure", "--expr", expression];
  const command = { file: "nix-eval-jobs", args, cwd: root, interrupt, timeoutMs };
  const result = await runCommand(command).catch((error: unknown) => {
    if (error instanceof NixherdError && error.code === "COMMAND_NOT_STARTED") return undefined;
    throw error;
  });
  if (result === undefined || result.exitCode !== 0) return undefined;
  return readLines(result.stdout);
}

function readLines(text: string): Job[] | undefined {
  try {
    const jobs = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Partial<Job>);
    return jobs.every((job): job is Job => Array.isArray(job.attrPath)) ? jobs : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function resultOf(jobs: readonly Job[]): EvaluatedSystem | string | undefined {
  const failed = jobs.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) return failed.error;
  const part = (name: string) => jobs.find(({ attrPath }) => attrPath[1] === name);
  const [identity, system] = [part("identity"), part("system")];
  if (!identity?.outputs?.out || identity.system === undefined) return undefined;
  const known = { identity: identity.outputs.out, platform: identity.system };
  if (system === undefined) return known;
  if (!system.outputs?.out || system.drvPath === undefined) return undefined;
  return { ...known, system: system.outputs.out, derivation: system.drvPath };
}
