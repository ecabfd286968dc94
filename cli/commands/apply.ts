import type { Command } from "@commander-js/extra-typings";
import { askFor, refuseUnattended } from "../confirm.ts";
import { runSession } from "../run-session.ts";
import { stacksHelp, targetOption } from "./stack-options.ts";

const help = `
Examples:
  nixherd apply                         all stacks; asks before anything is changed
  nixherd apply prod --yes              without a question, as in CI
  nixherd apply prod --target 101 102   two machines only
  nixherd apply prod --yes --json       progress as lines of JSON

What was planned is applied, nothing else. Ctrl-C lets Terraform end cleanly and save its state.`;

/** `nixherd apply` */
export function addApply(program: Command): void {
  program
    .command("apply")
    .description("Make the machines match their specs: plan, show, ask, apply that very plan.")
    .argument("[stack...]", stacksHelp)
    .addOption(targetOption())
    .option("--yes", "do not ask (needed without a terminal)")
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action((names, { target, yes = false, json }) =>
      runSession({ json, hasList: true }, async (session) => {
        refuseUnattended(yes, session.screen);
        const { changeStacks } = await import("../pipeline/change-stacks.ts");
        const { exitCodeOf } = await import("../pipeline/exit-code.ts");
        const confirm = async () => {
          if (!yes) await askFor("yes", 'Apply this? Type "yes": ', session.interrupt);
        };
        const request = { names, targets: target, isDestroy: false, confirm };
        return exitCodeOf(await changeStacks(session, request));
      }),
    );
}
