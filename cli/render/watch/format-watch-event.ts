import type {
  Condition,
  ConditionType,
  StackStatus,
  WatchStatus,
} from "../../../reconcile/watch/conditions.ts";
import type { WatchEvent } from "../../pipeline/watch/watch-events.ts";
import { formatTable } from "../format-table.ts";
import type { Screen } from "../screen.ts";

type Paint = Screen["paint"];

const colours: Readonly<Record<ConditionType, "green" | "yellow" | "red">> = {
  Ready: "green",
  Reconciling: "yellow",
  Stalled: "red",
};

/** The lines that tell an event of the watcher to a person. */
export function formatWatchEvent(event: WatchEvent, paint: Paint): string {
  switch (event.event) {
    case "watching": {
      const stacks = event.stacks.length === 1 ? "1 stack" : `${event.stacks.length} stacks`;
      return paint("dim", `watching ${stacks} at ${shortRevision(event.revision)}`);
    }
    case "unchanged":
      return paint("dim", `nothing is different from ${shortRevision(event.revision)}`);
    case "problem": {
      const { stack, severity, file, pointer, message } = event.problem;
      const whose = stack === null ? "every stack" : stack;
      const label = severity === "error" ? paint("red", "error") : paint("yellow", "warning");
      return `${label} in ${whose}: ${file}:${pointer}: ${message}`;
    }
    case "condition":
      return formatChange(event.status, paint);
    case "watch-status":
      return formatStatus(event.status, event.isRunning, paint);
  }
}

/** Messages of failures were told when they happened. */
function formatChange({ stack, type, reason }: StackStatus, paint: Paint): string {
  return `${paint("bold", stack)}: ${paint(colours[type], type)} (${reason})`;
}

function formatStatus(status: WatchStatus, isRunning: boolean, paint: Paint): string {
  const { pid, startedAt, updatedAt, revision, git, stacks } = status;
  const head = isRunning
    ? `watcher ${pid}, since ${formatTime(startedAt)}, at ${shortRevision(revision)}`
    : paint("yellow", `no watcher runs; this is how the last one left it on ${formatTime(updatedAt)}`);
  const branch = git === null ? [] : [`branch: ${git.reason}. ${git.message}`];
  const rows = stacks.flatMap((stack) => [
    [stack.stack, ...cellsOf(stack), stack.isSuspended ? "suspended" : ""],
    ...stack.machines.map((machine) => [`  ${machine.name} (${machine.vmId})`, ...cellsOf(machine), ""]),
  ]);
  const table =
    rows.length === 0
      ? []
      : formatTable([["STACK", "CONDITION", "REASON", "SINCE", "REVISION", ""], ...rows]);
  const messages = stacks.filter(({ type }) => type !== "Ready").flatMap(messageOf);
  return [head, ...branch, ...table, ...messages].join("\n");
}

function cellsOf({ type, reason, since, revision }: Condition): string[] {
  return [type, reason, formatTime(since), shortRevision(revision)];
}

function messageOf({ stack, message }: StackStatus): string[] {
  return message === "" ? [] : [`${stack}: ${message.split("\n").join("\n  ")}`];
}

function formatTime(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}

/** Twelve digits of the commit, and the "+" of a changed working tree. */
function shortRevision(revision: string): string {
  const [commit = "", hash] = revision.split("+");
  return hash === undefined ? commit.slice(0, 12) : `${commit.slice(0, 12)}+${hash.slice(0, 6)}`;
}
