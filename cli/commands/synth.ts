import type { Command } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";

/** `nixherd synth` */
export function addSynth(program: Command): void {
  program
    .command("synth")
    .description("Write the Terraform configuration of every stack to cdktf.out/.")
    .option("--json", "print events as lines of JSON")
    .action(({ json = false }) =>
      runSession({ json }, async (session) => {
        const { synthesizeAndTell } = await import("../pipeline/prepare-stacks.ts");
        await synthesizeAndTell(session);
        return 0;
      }),
    );
}
