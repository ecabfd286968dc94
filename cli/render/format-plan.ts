import type { MachinePlan, OtherPlan, PlannedAction, StackPlan } from "../../terraform/stack-plan.ts";
import { sumUpPlan } from "../../terraform/sum-up-plan.ts";
import { formatDuration } from "./format-duration.ts";
import { actionDetail, machineRemarks, nixosWords, shorten } from "./plan-words.ts";
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

/** One line that sums a stack's plan up, and one for each machine and resource that something happens to. */
export function formatPlan(plan: StackPlan, durationMs: number, paint: Paint): string {
  const { stack, hasChanges, machines, others, outputs } = plan;
  const planned = paint("dim", `(planned in ${formatDuration(durationMs)})`);
  const outputLine = outputs.length === 0 ? [] : [`  outputs that change: ${outputs.join(", ")}`];
  return [
    `${paint("bold", stack)}: ${hasChanges ? sumUpPlan(plan) : "no changes"} ${planned}`,
    ...machines.flatMap((machine) => formatMachine(machine, paint)),
    ...others.map((other) => formatOther(other, paint)),
    ...outputLine,
  ].join("\n");
}

function formatMachine(machine: MachinePlan, paint: Paint): string[] {
  const { vmId, name, node, action, nixos, isGone } = machine;
  const { sign, colour } = marks[action];
  const change = action === "none" ? "" : `${action} ${actionDetail(machine)}`.trimEnd();
  const steps = [change, nixosWords[nixos]].filter((step) => step !== "").join(", then ");
  const said = [steps, ...machineRemarks(machine)].filter((part) => part !== "").join("; ");
  const line = `  ${paint(colour, sign.padEnd(3))} ${name} (${vmId})${node === "" ? "" : ` on ${node}`}: ${said}`;
  if (!isGone) return [line];
  const warning =
    "in the state, but the cluster does not show it: deleted outside, or hidden from this token";
  return [line, `      ${paint("yellow", warning)}`];
}

function formatOther({ address, action, changedAttributes }: OtherPlan, paint: Paint): string {
  const { sign, colour } = marks[action];
  const detail = changedAttributes.length === 0 ? "" : ` ${shorten(changedAttributes)}`;
  return `  ${paint(colour, sign.padEnd(3))} ${address}: ${action}${detail}`;
}
