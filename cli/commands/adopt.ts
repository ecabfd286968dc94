import type { Command } from "@commander-js/extra-typings";
import { NixherdError } from "../../lib/errors.ts";
import { askFor, refuseUnattended } from "../confirm.ts";
import { runSession, type Session } from "../run-session.ts";
import { readVmId } from "./stack-options.ts";

const help = `
Examples:
  nixherd adopt 150                        its spec is there: the machine comes into that stack's state
  nixherd adopt 150 --stack lab --draft    writes vm-specs/lab/<name>.json from what the cluster shows
  nixherd adopt 150 --foreign              one that nixherd did not make

Nothing on the cluster is touched; what the next apply would change is shown. A machine that it would replace
is not kept in the state. nixherd plan lists machines of ours that no state knows.`;

/** `nixherd adopt` */
export function addAdopt(program: Command): void {
  program
    .command("adopt")
    .description("Take a machine that is on the cluster and in no state into the state of its spec's stack.")
    .argument("<vmId>", "VMID of the machine", readVmId)
    .option("--stack <stack>", "the stack of its spec, or of the draft")
    .option("--draft", "write its spec, and no more")
    .option("--foreign", "also if nothing says that nixherd made it")
    .option("--yes", "do not ask (needed without a terminal)")
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action((vmId, { stack, draft = false, foreign = false, yes = false, json }) =>
      runSession({ json, isRecorded: true }, async (session) => {
        if (draft) return draftSpecOf(vmId, stack, session);
        refuseUnattended(yes, session.screen);
        const { adoptMachine } = await import("../pipeline/strays/adopt-machine.ts");
        const confirm = async (what: string) => {
          if (!yes) await askFor("yes", `${what} Type "yes": `, session.interrupt);
        };
        return adoptMachine(session, { vmId, stack, isForeign: foreign, confirm });
      }),
    );
}

async function draftSpecOf(vmId: number, stack: string | undefined, session: Session): Promise<number> {
  if (stack === undefined) {
    throw new NixherdError("USAGE", {
      message: "A draft needs a stack to be written to.",
      hint: "Add --stack <folder of vm-specs/>.",
    });
  }
  const { draftStray } = await import("../pipeline/strays/draft-stray.ts");
  const { file, spec } = await draftStray(session, { vmId, stack });
  const text = `${file}\n${JSON.stringify(spec, undefined, 2)}\nNext: look at it, then nixherd adopt ${vmId}`;
  session.report({ event: "note", text });
  return 0;
}
