import type { Command } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";

/** `nixherd resume` */
export function addResume(program: Command): void {
  program
    .command("resume")
    .description("Let the watcher work on a suspended stack again.")
    .argument("<stack>", "folder of vm-specs/")
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
