import type { Command } from "@commander-js/extra-typings";
import { askFor, refuseUnattended } from "../confirm.ts";
import { runSession } from "../run-session.ts";
import { readVmId } from "./stack-options.ts";

const help = `
Examples:
  nixherd remove 150         asks for the machine's name before it is stopped and removed with its disks
  nixherd remove 150 --yes   without a question

It removes what a failed run left behind: a machine with the tag or the description that nixherd gives, and in no
state of this repository. Another repository may have made it; its description says from which file.`;

/** `nixherd remove` */
export function addRemove(program: Command): void {
  program
    .command("remove")
    .description("End a machine of nixherd that is on the cluster and in no state, with its disks.")
    .argument("<vmId>", "VMID of the machine", readVmId)
    .option("--yes", "do not ask (needed without a terminal)")
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action((vmId, { yes = false, json }) =>
      runSession({ json, isRecorded: true }, async (session) => {
        refuseUnattended(yes, session.screen);
        const { removeStray } = await import("../pipeline/strays/remove-stray.ts");
        return removeStray(session, {
          vmId,
          confirm: async ({ name, node, config }) => {
            // Whoever wrote it may have written anything: one line, nothing that a terminal obeys.
            const said = JSON.stringify(String(config["description"] ?? "").slice(0, 200));
            const question = `${name} (${vmId}) on ${node}, described as ${said}, will be lost with its disks. Type ${name || vmId}: `;
            if (!yes) await askFor(name || String(vmId), question, session.interrupt);
          },
        });
      }),
    );
}
