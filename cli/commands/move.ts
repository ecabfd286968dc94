import type { Command } from "@commander-js/extra-typings";
import { askFor, refuseUnattended } from "../confirm.ts";
import { runSession } from "../run-session.ts";

const help = `
Examples:
  nixherd move web-1               after its file was moved: the state follows into the stack of the spec
  nixherd move 101 --to prod       moves vm-specs/<stack>/web-1.json to prod/ as well
  nixherd move 101 --from old      its old stack has no folder any more, and its state is in no local file

Nothing on the cluster is touched. Whatever cuts it off, the machine is in one state or in both; run it again.
Copies of both states stay in .nixherd/moves/.`;

/** `nixherd move` */
export function addMove(program: Command): void {
  program
    .command("move")
    .description("Let a machine's state follow its spec into another stack.")
    .argument("<machine>", "VMID, name, or <stack>/<name>")
    .option("--to <stack>", "move the spec's file there, too")
    .option("--from <stack>", "the stack that it comes from, where nobody else can tell")
    .option("--yes", "do not ask (needed without a terminal)")
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action((machine, { to, from, yes = false, json }) =>
      runSession({ json, isRecorded: true }, async (session) => {
        refuseUnattended(yes, session.screen);
        const { moveMachine } = await import("../pipeline/move/move-machine.ts");
        const confirm = async (what: string) => {
          if (!yes) await askFor("yes", `${what} Type "yes": `, session.interrupt);
        };
        return moveMachine(session, { machine, to, from, confirm });
      }),
    );
}
