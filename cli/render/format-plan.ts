import type {
  MachinePlan,
  NixosStep,
  OtherPlan,
  PlannedAction,
  StackPlan,
} from "../../terraform/stack-plan.ts";
import { formatDuration } from "./format-duration.ts";
import type { Screen } from "./screen.ts";

type Paint = Screen["paint"];

/** How an action is marked, coloured and called. */
const marks = {
  create: { sign: "+", colour: "green" },
  update: { sign: "~", colour: "yellow" },
  replace: { sign: "-/+", colour: "red" },
  destroy: { sign: "-", colour: "red" },
  forget: { sign: "x", colour: "yellow" },
  none: { sign: ">", colour: "cyan" },
} as const satisfies Record<PlannedAction, { sign: string; colour: string }>;

const nixosWords: Readonly<Record<NixosStep, string>> = {
  none: "",
  first: "NixOS step",
  changed: "NixOS step (something in it changed)",
  repeated: "NixOS step again (it failed the last time)",
};

/** More attribute names than these make a line nobody reads. */
const mostNames = 12;

/** One line that sums a stack's plan up, and one for each machine and resource that something happens to. */
export function formatPlan(plan: StackPlan, durationMs: number, paint: Paint): string {
  const { stack, hasChanges, machines, others, outputs } = plan;
  const planned = paint("dim", `(planned in ${formatDuration(durationMs)})`);
  const outputLine = outputs.length === 0 ? [] : [`  outputs that change: ${outputs.join(", ")}`];
  return [
    `${paint("bold", stack)}: ${hasChanges ? sumUp(plan) : "no changes"} ${planned}`,
    ...machines.flatMap((machine) => formatMachine(machine, paint)),
    ...others.map((other) => formatOther(other, paint)),
    ...outputLine,
  ].join("\n");
}

/** "2 to create, 1 to destroy, 2 NixOS steps"; "only outputs" when nothing else changes. */
function sumUp({ machines, others }: StackPlan): string {
  const actions = [...machines, ...others].map(({ action }) => action);
  const counts = (["create", "update", "replace", "destroy", "forget"] as const)
    .map((action) => ({ action, count: actions.filter((other) => other === action).length }))
    .filter(({ count }) => count > 0)
    .map(({ action, count }) => `${count} to ${action}`);
  const steps = machines.filter(({ nixos }) => nixos !== "none").length;
  if (steps > 0) counts.push(steps === 1 ? "1 NixOS step" : `${steps} NixOS steps`);
  return counts.length === 0 ? "only outputs" : counts.join(", ");
}

function formatMachine(machine: MachinePlan, paint: Paint): string[] {
  const { vmId, name, node, action, nixos, isGone } = machine;
  const { sign, colour } = marks[action];
  const steps = [action === "none" ? "" : action + detailOf(machine), nixosWords[nixos]].filter(
    (step) => step !== "",
  );
  const line = `  ${paint(colour, sign.padEnd(3))} ${name} (${vmId})${node === "" ? "" : ` on ${node}`}: ${steps.join(", then ")}`;
  if (!isGone) return [line];
  const warning =
    "in the state, but the cluster does not show it: deleted outside, or hidden from this token";
  return [line, `      ${paint("yellow", warning)}`];
}

function detailOf({
  action,
  changedAttributes,
  unknownAttributes,
  replacedBecauseOf,
  reason,
}: MachinePlan): string {
  if (action === "update") {
    const names = changedAttributes.length > 0 ? changedAttributes : unknownAttributes;
    return ` ${shorten(names)}`;
  }
  if (action !== "replace") return "";
  if (replacedBecauseOf.length > 0) return ` because of ${shorten(replacedBecauseOf)}`;
  return reason === "replace_because_tainted" ? " because making it failed the last time" : "";
}

function formatOther({ address, action, changedAttributes }: OtherPlan, paint: Paint): string {
  const { sign, colour } = marks[action];
  const detail = changedAttributes.length === 0 ? "" : ` ${shorten(changedAttributes)}`;
  return `  ${paint(colour, sign.padEnd(3))} ${address}: ${action}${detail}`;
}

function shorten(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
