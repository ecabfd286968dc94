import type { Command } from "@commander-js/extra-typings";
import { confirmation, refuseUnattended } from "../confirm.ts";
import { runSession } from "../run-session.ts";
import {
  allowancesOf,
  allowDestroyOption,
  allowPowerCycleOption,
  allowRecreateOption,
  stacksHelp,
  targetOption,
} from "./stack-options.ts";

const help = `
Examples:
  nixherd apply                         all stacks; asks before anything is changed
  nixherd apply prod --yes              without a question, as in CI
  nixherd apply prod --target 101 102   two machines only
  nixherd apply prod --yes --json       progress as lines of JSON
  nixherd apply prod --yes --allow-destroy 1

A plan that breaks the policy of vm-specs/_site.json is held: nixherd status shows it, nixherd approve applies it.
With --yes, nothing is destroyed or replaced that neither the policy nor --allow-destroy allows.
What was planned is applied, nothing else. Ctrl-C lets Terraform end cleanly and save its state.`;

/** `nixherd apply` */
export function addApply(program: Command): void {
  program
    .command("apply")
    .description("Make the machines match their specs: plan, show, ask, apply that very plan.")
    .argument("[stack...]", stacksHelp)
    .addOption(targetOption())
    .option("--yes", "do not ask (needed without a terminal)")
    .addOption(allowDestroyOption())
    .addOption(allowPowerCycleOption())
    .addOption(allowRecreateOption())
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action((names, { target, yes = false, json, ...options }) =>
      runSession({ json, hasList: true, isRecorded: true }, async (session) => {
        refuseUnattended(yes, session.screen);
        const { changeStacks } = await import("../pipeline/change-stacks.ts");
        const { exitCodeOf } = await import("../pipeline/exit-code.ts");
        const stacks = { names, targets: target, isDestroy: false };
        const request = { ...stacks, ...confirmation(yes, session), allowances: allowancesOf(options) };
        return exitCodeOf(await changeStacks(session, request));
      }),
    );
}
