import type { MachinePlan, OtherPlan, StackPlan } from "../../terraform/stack-plan.ts";
import { sumUpPlan } from "../../terraform/sum-up-plan.ts";
import type { PipelineEvent } from "../pipeline/events.ts";
import { packagesOf, stepWords } from "./format-steps.ts";
import { actionDetail, machineRemarks, nixosWords } from "./plan-words.ts";

/** GitHub takes 65,536 characters in a comment, GitLab 1,000,000; what surrounds the plan needs room, too. */
const mostChars = 60_000;

type EventOf<Name extends PipelineEvent["event"]> = Extract<PipelineEvent, { readonly event: Name }>;

/** What a plan command told, as far as a comment shows it. */
export interface PlanReport {
  readonly plans: readonly StackPlan[];
  readonly objections: readonly EventOf<"objections">[];
  readonly observed: readonly EventOf<"observed">[];
  readonly strangers: readonly EventOf<"strangers">["machines"][number][];
  readonly steps: readonly EventOf<"steps">[];
  readonly warnings: readonly EventOf<"problem">["problem"][];
  readonly errors: readonly EventOf<"error">[];
}

/**
 * A plan as a comment on a pull request: a summary line, one table, what the policy objects to, and the rest folded.
 * At most 60,000 characters; what does not fit is counted instead.
 */
export function planMarkdown(report: PlanReport): string {
  const rows = report.plans.flatMap(tableRows);
  const before = [`### ${headline(report)}`, ...errorLines(report), ...objectionLines(report)];
  const after = [...warningSection(report), ...stepSection(report), ...remarkSection(report)];
  const room = mostChars - [...before, ...after].join("\n").length - 500;
  return [...before, ...table(rows, room), ...after, ""].join("\n").slice(0, mostChars);
}

function headline({ plans, errors }: PlanReport): string {
  const changing = plans.filter(({ hasChanges }) => hasChanges);
  const counts = changing.map((plan) => `${escapeText(plan.stack)}: ${sumUpPlan(plan)}`);
  const failed = errors.length === 0 ? "" : ` (${errors.length} failed)`;
  return `nixherd plan: ${counts.length === 0 ? "no changes" : counts.join("; ")}${failed}`;
}

function errorLines({ errors }: PlanReport): string[] {
  return errors.flatMap(({ stack, code, message, hint }) => [
    "",
    `**${stack === undefined ? "" : `${escapeText(stack)}: `}${code}** ${escapeText(firstLine(message))}`,
    "",
    `> ${escapeText(hint)}`,
  ]);
}

function objectionLines({ objections }: PlanReport): string[] {
  return objections.flatMap(({ stack, objections: found }) => [
    "",
    `**An unattended apply of ${escapeText(stack)} would be held:**`,
    ...found.map(({ message }) => `- ${escapeText(message)}`),
  ]);
}

function tableRows({ stack, machines, others }: StackPlan): string[] {
  return [
    ...machines.map((machine) => row(stack, `${machine.name} (${machine.vmId})`, machineCells(machine))),
    ...others.map((other) => row(stack, other.address, otherCells(other))),
  ];
}

function machineCells(machine: MachinePlan): readonly [string, string] {
  const step = nixosWords[machine.nixos];
  const gone = machine.isGone ? "the cluster does not show it any more" : "";
  const parts = [actionDetail(machine), step, gone, ...machineRemarks(machine)];
  const detail = parts.filter((part) => part !== "").join("; ");
  if (machine.action !== "none") return [`**${machine.action}**`, detail];
  return [step === "" ? "policy" : "NixOS step", detail];
}

function otherCells({ action, changedAttributes }: OtherPlan): readonly [string, string] {
  return [`**${action}**`, changedAttributes.join(", ")];
}

function row(stack: string, what: string, [action, detail]: readonly [string, string]): string {
  return `| ${[escapeText(stack), escapeText(what), action, escapeText(detail)].join(" | ")} |`;
}

function table(rows: readonly string[], room: number): string[] {
  if (rows.length === 0) return [];
  const shown = fitting(rows, room);
  const left = rows.length - shown.length;
  const rest =
    left === 0 ? [] : ["", `${left} more rows do not fit into this comment; \`nixherd plan\` shows them.`];
  return ["", "| stack | machine | change | details |", "|---|---|---|---|", ...shown, ...rest];
}

/** Bounded, as what follows: neither may push the table out. */
const mostLines = 100;
const mostStepLines = 300;
const mostSectionChars = 15_000;

function warningSection({ warnings }: PlanReport): string[] {
  const lines = warnings.map(
    ({ file, pointer, message }) => `- ${escapeText(`${file}:${pointer}: ${message}`)}`,
  );
  return folded(`Warnings about the specs: ${lines.length}`, lines, mostLines);
}

/** What happens inside the machines: packages stand in a block, where nothing of a name is markup. */
function stepSection({ steps }: PlanReport): string[] {
  const lines = steps.flatMap(({ stack, machines }) =>
    machines.flatMap((step) => {
      const packages = packagesOf(step).map((line) => `      ${line}`);
      const head = `- ${escapeText(`${stack}: ${step.name} (${step.vmId}): ${stepWords(step)}`)}`;
      return packages.length === 0 ? [head] : [head, "", ...packages, ""];
    }),
  );
  const count = steps.reduce((total, { machines }) => total + machines.length, 0);
  return folded(`Inside the machines, NixOS steps: ${count}`, lines, mostStepLines);
}

function folded(summary: string, lines: readonly string[], most: number): string[] {
  if (lines.length === 0) return [];
  const shown = fitting(lines.slice(0, most), mostSectionChars);
  const left = lines.length - shown.length;
  const rest = left > 0 ? ["", `and ${left} more lines`] : [];
  return ["", `<details><summary>${summary}</summary>`, "", ...shown, ...rest, "", "</details>"];
}

/** The first lines that fit into so many characters. */
function fitting(lines: readonly string[], room: number): string[] {
  let used = 0;
  const firstTooMuch = lines.findIndex((line) => {
    used += line.length + 1;
    return used > room;
  });
  return lines.slice(0, firstTooMuch < 0 ? lines.length : firstTooMuch);
}

function remarkSection({ observed, strangers }: PlanReport): string[] {
  const lines = [
    ...observed.flatMap(({ stack, machines }) =>
      machines.flatMap(({ name, vmId, remarks }) =>
        remarks.map((remark) => `- ${escapeText(`${stack}: ${name} (${vmId}): ${remark}`)}`),
      ),
    ),
    ...strangers.map(
      ({ name, vmId, node }) =>
        `- ${escapeText(`${name} (${vmId}) on ${node} has the tag nixherd, and no stack knows it: nixherd adopt ${vmId}, or nixherd remove ${vmId}`)}`,
    ),
  ];
  return folded(`Seen on the cluster, not in the plan: ${lines.length}`, lines, mostLines);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

/** Names come from outside: none of them may end a cell, begin a tag or mention somebody. */
function escapeText(text: string): string {
  return text
    .replace(/[\\`*_~|[\]]/g, "\\$&")
    .replace(/</g, "&lt;")
    .replace(/@/g, "@\u200b")
    .replace(/\s+/g, " ");
}
