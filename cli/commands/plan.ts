import { type Command, Option } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";
import { stacksHelp, targetOption } from "./stack-options.ts";

const formats = ["text", "markdown", "json"] as const;

const help = `
Examples:
  nixherd plan                          all stacks
  nixherd plan prod                     one stack
  nixherd plan prod --target 101        one machine
  nixherd plan --changed-since main     only stacks and machines that differ from a git revision
  nixherd plan --format markdown        a comment for a pull request
  nixherd plan --no-build               without building anything first
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
    .option("--changed-since <revision>", "only what differs from this git revision")
    .option("--no-build", "evaluate the machines' systems and build none; packages are not compared then")
    .option("--out <folder>", "keep the saved plans and their summaries in this folder")
    .addOption(new Option("--format <format>", "how the plan is printed").choices(formats).default("text"))
    .option("--json", "the same as --format json: events as lines of JSON")
    .addHelpText("after", help)
    .action((names, { target, changedSince, build: builds, out, format, json = format === "json" }) =>
      runSession({ json, isMarkdown: format === "markdown" }, async (session) => {
        const { showPlans } = await import("../pipeline/show-plans.ts");
        return showPlans(session, { names, targets: target, changedSince, builds, outFolder: out });
      }),
    );
}
