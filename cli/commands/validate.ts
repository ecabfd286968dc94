import type { Command } from "@commander-js/extra-typings";
import { errorCodes } from "../../lib/error-codes.ts";
import { formatProblem, type Problem } from "../../lib/problem.ts";
import type { FleetResult } from "../../specs/fleet.ts";
import { runSession, type Session } from "../run-session.ts";

const help = `
Examples:
  nixherd validate             every problem of every file, exit code 2 if there are any
  nixherd validate --json      one JSON object per problem, for editors and CI`;

/** `nixherd validate` */
export function addValidate(program: Command): void {
  program
    .command("validate")
    .description("Check the specs in vm-specs/ and list every problem. Asks no cluster.")
    .option("--json", "print one JSON object per problem")
    .addHelpText("after", help)
    .action(({ json = false }) => runSession({ json }, (session) => validate(session, json)));
}

async function validate({ root, screen }: Session, json: boolean): Promise<number> {
  const { readFleet } = await import("../../specs/read-fleet.ts");
  const result = readFleet(root);
  const problems = result.ok ? result.warnings : result.problems;
  for (const problem of problems) {
    if (json) screen.print(JSON.stringify(problem));
    else screen.warn(`${problem.severity}: ${formatProblem(problem)}`);
  }
  if (!json) screen.print(sumUp(result, problems));
  return result.ok ? 0 : errorCodes.INVALID_INPUT.exitCode;
}

function sumUp(result: FleetResult, problems: readonly Problem[]): string {
  const warnings = problems.filter(({ severity }) => severity === "warning").length;
  const warned = warnings === 0 ? "" : `, ${count(warnings, "warning")}`;
  if (!result.ok) return `${count(problems.length - warnings, "error")}${warned}.`;
  const { stacks } = result.fleet;
  const machines = stacks.reduce((sum, stack) => sum + stack.machines.length, 0);
  return `${count(machines, "machine")} in ${count(stacks.length, "stack")}: all valid${warned}.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
