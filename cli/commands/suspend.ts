import type { Command } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";

const help = `
Examples:
  nixherd suspend prod      the watcher begins nothing more in prod; what runs goes on to its end
  nixherd resume prod       it takes up what changed meanwhile

It lasts until nixherd resume, also when the watcher is restarted. nixherd apply and all other commands work on the stack
as ever.`;

/** `nixherd suspend` */
export function addSuspend(program: Command): void {
  program
    .command("suspend")
    .description("Let nixherd watch leave a stack alone.")
    .argument("<stack>", "folder of vm-specs/")
    .addHelpText("after", help)
    .action((stack) =>
      runSession({}, async ({ root, report }) => {
        const { refuseUnknownStack } = await import("../pipeline/watch/refuse-unknown-stack.ts");
        const { suspendStack } = await import("../../reconcile/watch/suspensions.ts");
        await refuseUnknownStack(root, stack);
        await suspendStack(root, stack, new Date());
        report({ event: "note", text: `Stack ${stack} is suspended until nixherd resume ${stack}.` });
        return 0;
      }),
    );
}
