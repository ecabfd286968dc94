import { type ErrorCode, errorCodes } from "../../../lib/error-codes.ts";
import type { NixherdError } from "../../../lib/errors.ts";
import { runBounded } from "../../../lib/run-bounded.ts";
import type { Machine } from "../../../specs/fleet.ts";
import { asNixherdError } from "../as-nixherd-error.ts";
import type { PipelineContext } from "../context.ts";
import type { Report } from "../events.ts";
import type { OsActionName, OsResultEvent, OsResults } from "./os-events.ts";

/** What was found out about a machine, and what is wrong with it all the same. */
export interface Outcome<R> {
  readonly result: R;
  readonly problem?: NixherdError | undefined;
}

export interface OsAction<Name extends OsActionName> {
  readonly name: Name;
  /** Machines at a time. */
  readonly parallel: number;
  /** The first failure ends it: machines that are not begun yet are left alone. */
  readonly stopsAtFailure?: boolean;
  readonly work: (machine: Machine, tell: (doing: string) => void) => Promise<Outcome<OsResults[Name]>>;
}

/**
 * Does something on each machine and tells how it goes; gives what came of each, in the machines' order. A machine that
 * fails does not stop the others, unless the action says so.
 */
export async function onMachines<Name extends OsActionName>(
  context: PipelineContext,
  machines: readonly Machine[],
  action: OsAction<Name>,
): Promise<OsResultEvent[]> {
  const { report, interrupt, unfinished } = context;
  const startedAtMs = performance.now();
  const running = new Map<number, string>();
  const tellUnfinished = () => [...running.values()];
  let hasFailed = false;
  report({ event: "os-begin", action: action.name, machines: machines.map(keysOf) });
  unfinished.add(tellUnfinished);
  try {
    const results = await runBounded(machines, action.parallel, async (machine) => {
      const isStopped = interrupt.aborted || (hasFailed && action.stopsAtFailure === true);
      const result = isStopped
        ? ending(machine, action.name, { state: "not-begun", durationMs: 0 })
        : await workOn(machine, action, running, report);
      hasFailed ||= result.state === "failed";
      report(result);
      return result;
    });
    const durationMs = Math.round(performance.now() - startedAtMs);
    report({ event: "os-end", action: action.name, durationMs, results });
    return results;
  } finally {
    unfinished.delete(tellUnfinished);
  }
}

async function workOn<Name extends OsActionName>(
  machine: Machine,
  action: OsAction<Name>,
  running: Map<number, string>,
  report: Report,
): Promise<OsResultEvent> {
  const { vmId } = machine.spec;
  const beganAtMs = performance.now();
  const tell = (doing: string) => {
    running.set(vmId, `${machine.name} (${vmId}): ${doing}`);
    report({ event: "os-machine", ...keysOf(machine), doing });
  };
  tell(action.name);
  const { problem, ...found }: Partial<Outcome<OsResults[Name]>> = await action
    .work(machine, tell)
    .catch((thrown: unknown) => ({ problem: asNixherdError(thrown) }));
  running.delete(vmId);
  const durationMs = Math.round(performance.now() - beganAtMs);
  if (problem === undefined) return ending(machine, action.name, { state: "ok", durationMs, ...found });
  const { code, message, hint } = problem;
  report({ event: "error", stack: machine.stack, vmId, code, message, hint });
  return ending(machine, action.name, { state: "failed", durationMs, code, ...found });
}

interface Ending {
  readonly state: OsResultEvent["state"];
  readonly durationMs: number;
  readonly code?: ErrorCode;
  readonly result?: OsResults[OsActionName];
}

/** The result is the action's own: the caller took both from the same OsAction. */
function ending(machine: Machine, action: OsActionName, end: Ending): OsResultEvent {
  return { event: "os-result", action, ...keysOf(machine), ...end } as OsResultEvent;
}

/** The exit code for what came of each machine: 0 all well, 1 otherwise, 130 after an interruption. */
export function exitCodeOfResults(results: readonly OsResultEvent[]): number {
  if (results.some(({ code }) => code === "INTERRUPTED")) return errorCodes.INTERRUPTED.exitCode;
  return results.every(({ state }) => state === "ok") ? 0 : 1;
}

function keysOf({ stack, name, spec }: Machine): { stack: string; vmId: number; name: string } {
  return { stack, vmId: spec.vmId, name };
}
