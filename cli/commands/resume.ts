import type { Command } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";

const help = `
Example:
  nixherd resume prod       the watcher takes up what changed in prod meanwhile

nixherd status shows which stacks are suspended.`;

/** `nixherd resume` */
export function addResume(program: Command): void {
  program
    .command("resume")
    .description("Let nixherd watch work on a suspended stack again.")
    .argument("<stack>", "folder of vm-specs/")
    .addHelpText("after", help)
    .action((stack) =>
      runSession({}, async ({ root, report }) => {
        const { resumeStack, suspendedStacks } = await import("../../reconcile/watch/suspensions.ts");
        const wasSuspended = (await suspendedStacks(root)).has(stack);
        if (wasSuspended) await resumeStack(root, stack);
        const text = wasSuspended ? `Stack ${stack} is resumed.` : `Stack ${stack} was not suspended.`;
        report({ event: "note", text });
        return 0;
      }),
    );
}
