import type { Command } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";
import { stacksHelp, targetOption } from "./stack-options.ts";

const help = `
Examples:
  nixherd plan                          all stacks
  nixherd plan prod                     one stack
  nixherd plan prod --target 101        one machine
  nixherd plan prod --json              the plan for programs
  nixherd plan prod --out plans         keep the plan: plans/prod.tfplan, plans/prod.json

Exit code 0: nothing would change. 3: something would. 1: a stack could not be planned.`;

/** `nixherd plan` */
export function addPlan(program: Command): void {
  program
    .command("plan")
    .description("Show what an apply would change on every machine. Changes nothing.")
    .argument("[stack...]", stacksHelp)
    .addOption(targetOption())
    .option("--out <folder>", "keep the saved plans and their summaries in this folder")
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action((names, { target, out, json }) =>
      runSession({ json }, async (session) => {
        const { showPlans } = await import("../pipeline/show-plans.ts");
        return showPlans(session, { names, targets: target, outFolder: out });
      }),
    );
}
