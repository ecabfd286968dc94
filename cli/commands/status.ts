import type { Command } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";

const help = `
Examples:
  nixherd status            the watcher's conditions, and plans that wait for an approval
  nixherd status --watch    again whenever something changes, until Ctrl-C
  nixherd status --json     the same for programs

It reads what the watcher wrote last: the cluster itself is not asked. Ready: as the specs say. Reconciling: on the way
there. Stalled: somebody has to do something, which the message names.`;

/** `nixherd status` */
export function addStatus(program: Command): void {
  program
    .command("status")
    .description("Show how nixherd watch left each stack, and which plans the policy holds.")
    .option("--watch", "show it again whenever it changes, until Ctrl-C")
    .option("--json", "print a line of JSON for each")
    .addHelpText("after", help)
    .action(({ watch = false, json }) =>
      runSession({ json, isService: watch }, async (session) => {
        const { showStatus, showStatusAgain } = await import("../pipeline/watch/show-status.ts");
        await showStatus(session);
        if (watch) await showStatusAgain(session);
        return 0;
      }),
    );
}
