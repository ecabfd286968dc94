import type { Command } from "@commander-js/extra-typings";
import { confirmation, refuseUnattended } from "../confirm.ts";
import { runSession } from "../run-session.ts";

const help = `
Examples:
  nixherd status                 which plans are held, and why
  nixherd approve 4f1c09ab       plans once more, and applies if it still is that plan

A plan that has become another one since is held again, under its own id.`;

/** `nixherd approve` */
export function addApprove(program: Command): void {
  program
    .command("approve")
    .description("Apply a plan that the policy held.")
    .argument("<id>", "of the held plan, or the beginning of it")
    .option("--yes", "do not ask (needed without a terminal)")
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action((id, { yes = false, json }) =>
      runSession({ json, hasList: true, isRecorded: true }, async (session) => {
        refuseUnattended(yes, session.screen);
        const { approvePlan } = await import("../pipeline/approve-plan.ts");
        return approvePlan(session, { id, ...confirmation(yes, session) });
      }),
    );
}
