import type { Command } from "@commander-js/extra-typings";
import type { StackPlan } from "../../terraform/stack-plan.ts";
import { askFor, refuseUnattended } from "../confirm.ts";
import { runSession, type Session } from "../run-session.ts";
import { stacksHelp, targetOption } from "./stack-options.ts";

const help = `
Examples:
  nixherd destroy demo                  asks for the stack's name before anything is destroyed
  nixherd destroy demo --target 101     one machine; the next apply would make it again
  nixherd destroy demo --yes            without a question
  nixherd destroy                       everything, stack by stack

A machine whose spec you removed needs no destroy: apply ends it.`;

/** `nixherd destroy` */
export function addDestroy(program: Command): void {
  program
    .command("destroy")
    .description("End every machine of the stacks, with its disks.")
    .argument("[stack...]", stacksHelp)
    .addOption(targetOption())
    .option("--yes", "do not ask (needed without a terminal)")
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action((names, { target, yes = false, json }) =>
      runSession({ json, hasList: true, isRecorded: true }, async (session) => {
        refuseUnattended(yes, session.screen);
        const { changeStacks } = await import("../pipeline/change-stacks.ts");
        const { exitCodeOf } = await import("../pipeline/exit-code.ts");
        const confirm = async (plans: readonly StackPlan[]) => {
          if (!yes) await askForNames(plans, session);
        };
        const stacks = { names, targets: target, isDestroy: true };
        const request = { ...stacks, isAttended: !yes, allowances: {}, confirm };
        return exitCodeOf(await changeStacks(session, request));
      }),
    );
}

async function askForNames(plans: readonly StackPlan[], { interrupt }: Session): Promise<void> {
  for (const { stack } of plans) {
    await askFor(stack, `What is listed above for ${stack} will be lost. Type the stack's name: `, interrupt);
  }
}
