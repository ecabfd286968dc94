import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCommand } from "../../../lib/run-command.ts";
import type { Machine } from "../../../specs/fleet.ts";
import { hookEnvironment } from "../../../specs/hook-environment.ts";
import { mainAddress } from "../../../specs/main-address.ts";
import type { PipelineContext } from "../context.ts";
import { readHookPhase } from "../hook-phases.ts";
import { hookFailure } from "./hook-outcome.ts";
import type { Reach } from "./reach.ts";

export interface HookRun {
  /** The program: relative to the repository's root, or an absolute path. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Laid over the environment that the machine's spec gives. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** The one way in which systems are activated. */
export const activationHook = "scripts/hooks/post-apply.sh";

/** The way back after a failed activation, and a reboot, have deadlines of their own behind that of the run. */
const wayBackMs = 3600_000;
/** An interrupted hook asks the machine for its old system before it ends. */
const killAfterMs = 60_000;

/**
 * Runs the hook for one machine, as Terraform would, and tells its phases and lines. Gives the lines of its output.
 * @throws HOOK_FAILED and the codes of `hookFailure`, COMMAND_NOT_STARTED, COMMAND_TIMED_OUT
 */
export async function runHook(
  machine: Machine,
  { script, args = [], overrides }: HookRun,
  reach: Reach,
  { root, report, interrupt }: PipelineContext,
): Promise<readonly string[]> {
  const { stack, name, spec } = machine;
  const keys = { stack, vmId: spec.vmId, name };
  const lines: string[] = [];
  const onLine = (line: string): void => {
    const phase = readHookPhase(line);
    if (phase !== undefined) report({ event: "phase", ...keys, ...phase });
    else if (line.trim() !== "") {
      lines.push(line);
      report({ event: "hook-line", ...keys, line });
    }
  };
  const environment = await environmentOf(machine, reach);
  const deadlineSeconds = spec.nixos === false ? 0 : spec.nixos.deadlineSeconds;
  const { exitCode, isInterrupted } = await runCommand({
    file: resolve(root, script),
    args,
    cwd: root,
    env: { ...environment, ...overrides },
    timeoutMs: deadlineSeconds * 1000 + wayBackMs,
    killAfterMs,
    interrupt,
    onStdoutLine: onLine,
    onStderrLine: onLine,
  });
  if (exitCode === 0) return lines;
  const code = isInterrupted ? 130 : exitCode;
  throw hookFailure(`${name} (${spec.vmId})`, code, lines.at(-1) ?? "");
}

async function environmentOf({ stack, spec }: Machine, { agents, endpoint }: Reach): Promise<object> {
  return hookEnvironment({
    spec,
    stack,
    node: await agents.node(spec.vmId),
    address: mainAddress(spec) ?? "",
    endpoint,
  });
}

/** The wall clock that files are stamped with lags a little behind. */
const clockLagMs = 100;

/** What a run of the hook that began at this time wrote about a machine; undefined if it did not come that far. */
export async function readHookResult(
  root: string,
  { stack, spec }: Machine,
  beganAtMs: number,
): Promise<HookResult | undefined> {
  const file = join(root, ".nixherd/hooks", stack, `${spec.vmId}.json`);
  try {
    const { mtimeMs } = await stat(file);
    // An older one is of another run.
    return mtimeMs < beganAtMs - clockLagMs ? undefined : JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The keys of that file which are of use here; scripts/hooks/lib/result.sh writes it. */
interface HookResult {
  readonly system: string;
  /** Store path that runs; "" if it was not read back. */
  readonly running: string;
  readonly generation: number | null;
}
