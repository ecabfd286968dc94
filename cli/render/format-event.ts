import type { MachineDurations, PipelineEvent } from "../pipeline/events.ts";
import { formatDuration } from "./format-duration.ts";
import { formatError } from "./format-error.ts";
import { formatHeld, formatObjections } from "./format-held.ts";
import { formatObserved, formatStrangers } from "./format-observed.ts";
import { formatOutputs } from "./format-outputs.ts";
import { formatPlan } from "./format-plan.ts";
import { formatSteps } from "./format-steps.ts";
import { formatOsEvent } from "./os/format-os-event.ts";
import type { Screen } from "./screen.ts";
import { formatWatchEvent } from "./watch/format-watch-event.ts";

type Paint = Screen["paint"];
type EventOf<Name extends PipelineEvent["event"]> = Extract<PipelineEvent, { readonly event: Name }>;

/** Past and present of what is done to a machine or resource. */
const verbs: Readonly<Record<string, readonly [running: string, complete: string]>> = {
  create: ["being made", "made"],
  update: ["being changed", "changed"],
  delete: ["being destroyed", "destroyed"],
  read: ["being read", "read"],
};

/** The line, or lines, that tell an event to a person; undefined for events that only programs need. */
export function formatEvent(event: PipelineEvent, paint: Paint): string | undefined {
  switch (event.event) {
    case "synth":
      return paint("dim", `configuration written in ${formatDuration(event.durationMs)}`);
    case "systems":
      return paint("dim", formatSystems(event));
    case "init":
      return paint("dim", `${event.stack}: initialised in ${formatDuration(event.durationMs)}`);
    case "plan":
      return formatPlan(event.plan, event.durationMs, paint);
    case "steps":
      return formatSteps(event.stack, event.machines, paint);
    case "machine":
      return formatMachine(event, paint);
    case "phase":
      return formatPhase(event, paint);
    case "hook-line":
      return `${placeOf(event)}  ${paint("dim", `| ${withoutName(event)}`)}`;
    case "resource":
      return `${event.stack}  ${event.address}  ${stateOf(event, paint)}`;
    case "applied":
      return formatApplied(event, paint);
    case "outputs":
      return formatOutputs(event.stack, event.outputs);
    case "held":
      return formatHeld(event.plan, paint);
    case "objections":
      return formatObjections(event.stack, event.objections, paint);
    case "observed":
      return formatObserved(event.stack, event.machines, paint);
    case "strangers":
      return formatStrangers(event.machines, paint);
    case "note":
      return event.text;
    case "retry":
      return `${event.stack}: ${event.message} (${event.code}) Trying again in ${formatDuration(event.waitMs)}, with what is left.`;
    case "error":
      return formatError(event);
    case "applying":
      return undefined;
    case "watching":
    case "unchanged":
    case "problem":
    case "condition":
    case "watch-status":
      return formatWatchEvent(event, paint);
    default:
      return formatOsEvent(event, paint);
  }
}

function formatSystems({ evaluatedCount, builtCount, durationMs }: EventOf<"systems">): string {
  const done = [`${evaluatedCount} evaluated`, ...(builtCount === 0 ? [] : [`${builtCount} built`])];
  return `NixOS systems: ${done.join(", ")} in ${formatDuration(durationMs)}`;
}

function placeOf({ stack, name, vmId }: { stack: string; name: string; vmId: number }): string {
  return `${stack}  ${name} (${vmId})`;
}

function formatMachine(event: EventOf<"machine">, paint: Paint): string | undefined {
  if (event.part === "machine") return `${placeOf(event)}  ${stateOf(event, paint)}`;
  // The end of an old NixOS step is no work of its own: the new one follows, or the machine goes.
  if (event.action === "delete") return undefined;
  const duration = formatDuration(event.durationMs);
  const words = {
    running: "NixOS step begins",
    complete: `${paint("green", "NixOS step done")} after ${duration}`,
    failed: `${paint("red", "NixOS step failed")} after ${duration}`,
  };
  return `${placeOf(event)}  ${words[event.state]}`;
}

function stateOf(
  { state, action, durationMs }: EventOf<"resource"> | EventOf<"machine">,
  paint: Paint,
): string {
  const [running, complete] = verbs[action] ?? [action, action];
  const duration = formatDuration(durationMs);
  if (state === "running") return running;
  return state === "complete"
    ? `${paint("green", complete)} after ${duration}`
    : `${paint("red", `failed while ${running}`)} after ${duration}`;
}

function formatPhase(event: EventOf<"phase">, paint: Paint): string | undefined {
  const { phase, state, durationMs } = event;
  if (state === "start" || state === "skip") return undefined;
  const ending = state === "ok" ? "done" : paint("red", "failed");
  return `${placeOf(event)}  ${phase} ${ending} after ${formatDuration(durationMs)}`;
}

/** The hook begins its sentences with the machine's name, which the line has already. */
function withoutName({ line, name, vmId }: EventOf<"hook-line">): string {
  const prefix = `${name} (${vmId}): `;
  return line.startsWith(prefix) ? line.slice(prefix.length) : line;
}

function formatApplied(
  { stack, isComplete, durationMs, machines }: EventOf<"applied">,
  paint: Paint,
): string {
  const ending = isComplete ? paint("green", "done") : paint("red", "stopped");
  const head = `${paint("bold", stack)}: ${ending} after ${formatDuration(durationMs)}`;
  return [head, ...machines.map((machine) => `  ${formatDurations(machine)}`)].join("\n");
}

function formatDurations({ vmId, name, machineMs, nixosMs, phases }: MachineDurations): string {
  const phaseTexts = phases.map(({ phase, durationMs }) => `${phase} ${formatDuration(durationMs)}`);
  const parts = [
    machineMs === undefined ? "" : `machine ${formatDuration(machineMs)}`,
    nixosMs === undefined ? "" : `NixOS step ${formatDuration(nixosMs)}`,
  ].filter((part) => part !== "");
  const detail = phaseTexts.length === 0 ? "" : ` (${phaseTexts.join(", ")})`;
  return `${name} (${vmId}): ${parts.join(", ")}${detail}`;
}
