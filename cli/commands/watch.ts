import { type Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";

const help = `
Examples:
  nixherd watch                           every saved change is applied, as apply --yes would
  nixherd watch --git origin/main         follows a branch, looking once a minute
  nixherd watch --git origin/main --interval 20 --signed-by keys/allowed_signers

Other terminals: nixherd status --watch shows conditions; suspend and resume stop it for a stack.
What the policy holds waits for nixherd approve. Settings: watch in vm-specs/_site.json. More: docs/watch.md.`;

/** `nixherd watch` */
export function addWatch(program: Command): void {
  program
    .command("watch")
    .description("Keep the machines as their specs say, until it is interrupted.")
    .option("--git <remote/branch>", "fetch this branch and move the working tree along")
    .option("--interval <seconds>", "time between two fetches", readSeconds, 60)
    .option("--signed-by <file>", "take only commits that one of these allowed signers signed")
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action(({ git, interval, signedBy, json }) =>
      runSession({ json, isService: true }, async (session) => {
        const { readBranch } = await import("../pipeline/watch/follow-branch.ts");
        const { watchRepository } = await import("../pipeline/watch/watch-repository.ts");
        const branch = git === undefined ? undefined : readBranch(git, signedBy);
        return watchRepository(session, { git: branch, gitEverySeconds: interval });
      }),
    );
}

function readSeconds(text: string): number {
  if (/^[1-9][0-9]{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It takes a number of seconds from 1 to 99999.");
}
