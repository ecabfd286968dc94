import type { Command } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";
import { stacksHelp } from "./stack-options.ts";

const help = `
Examples:
  nixherd output                        the machines of all stacks: VMID, name, node, address, ssh command
  nixherd output demo --json            all outputs of one stack, secret ones masked`;

/** `nixherd output` */
export function addOutput(program: Command): void {
  program
    .command("output")
    .description("Show the outputs of stacks as the last apply left them.")
    .argument("[stack...]", stacksHelp)
    .option("--json", "print one line of JSON per stack")
    .addHelpText("after", help)
    .action((names, { json }) =>
      runSession({ json }, async (session) => {
        const { showOutputs } = await import("../pipeline/show-outputs.ts");
        return showOutputs(session, names);
      }),
    );
}
