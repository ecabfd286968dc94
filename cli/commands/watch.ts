import { type Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { NixherdError } from "../../lib/errors.ts";
import { runSession } from "../run-session.ts";

const help = `
Examples:
  nixherd watch                           every saved change is applied, as apply --yes would
  nixherd watch --git origin/main         follows a branch, looking once a minute
  nixherd watch --git origin/main --interval 20 --signed-by keys/allowed_signers

In another terminal, nixherd status --watch shows how every stack is; nixherd suspend <stack> lets the watcher leave a
stack alone until nixherd resume <stack>. What the policy holds waits for nixherd approve.
The file of --signed-by is one of allowed signers, see ssh-keygen(1). Settings: "watch" in vm-specs/_site.json.
More: docs/watch.md.`;

/** `nixherd watch` */
export function addWatch(program: Command): void {
  program
    .command("watch")
    .description("Apply specs whenever they change, and look for drift, until interrupted.")
    .option("--git <remote/branch>", "follow this branch: move the working tree to its newest commit")
    .option("--interval <seconds>", "with --git: time between two fetches", readSeconds, 60)
    .option("--signed-by <file>", "with --git: move only to commits signed by a key in this file")
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action(({ git, interval, signedBy, json }) =>
      runSession({ json, isService: true }, async (session) => {
        const { readBranch } = await import("../pipeline/watch/follow-branch.ts");
        const { watchRepository } = await import("../pipeline/watch/watch-repository.ts");
        if (git === undefined && signedBy !== undefined) throw nothingSigned();
        const branch = git === undefined ? undefined : readBranch(git, signedBy);
        return watchRepository(session, { git: branch, gitEverySeconds: interval });
      }),
    );
}

function nothingSigned(): NixherdError {
  return new NixherdError("USAGE", {
    message: "--signed-by says which commits of a branch may be taken, but no branch is followed.",
    hint: "Name the branch, such as --git origin/main, or leave --signed-by out: saved files are always applied.",
  });
}

function readSeconds(text: string): number {
  if (/^[1-9][0-9]{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It takes a number of seconds from 1 to 99999.");
}
