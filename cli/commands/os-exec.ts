import type { Command } from "@commander-js/extra-typings";
import { NixherdError } from "../../lib/errors.ts";
import { runSession } from "../run-session.ts";
import {
  jsonOption,
  machinesArgument,
  nodeOption,
  parallelOption,
  readSecondsAsMs,
  selectionOf,
  stackOption,
} from "./os-options.ts";

const execHelp = `
Examples:
  nixherd os exec -- uptime                          on every machine
  nixherd os exec @web -- systemctl status nginx     on some of them
  nixherd os exec --sudo web-1 -- 'journalctl -b | tail -n 20'

Words are joined by blanks and given to the shell of the machine's user, as ssh does. Of each output the last
256 Ki characters are kept.`;

const sshHelp = `
Examples:
  nixherd os ssh web-1
  nixherd os ssh web-1 -- -L 8080:127.0.0.1:80      what follows -- goes to ssh

It is your own ssh, with the machine's user, address and pinned host key.`;

/** `nixherd os exec`, `nixherd os ssh` */
export function addOsExec(os: Command): void {
  addExec(os);
  addSsh(os);
}

function addExec(os: Command): void {
  os.command("exec")
    .description("Run a command on machines.")
    .addArgument(machinesArgument())
    .usage("[options] [machine...] -- <command...>")
    .option("--sudo", "as root, where the machine's user is another")
    .option("--timeout <seconds>", "deadline of the command on each machine", readSecondsAsMs, 300_000)
    .addOption(stackOption())
    .addOption(nodeOption())
    .addOption(parallelOption())
    .addOption(jsonOption())
    .addHelpText("after", execHelp)
    .action((words, { sudo: asRoot = false, timeout: timeoutMs, parallel, json, ...narrow }) =>
      runSession({ json, hasList: "machines" }, async (session) => {
        const { patterns, rest } = splitAtDashes(words);
        if (rest.length === 0) throw noCommand();
        const { runOs } = await import("../pipeline/os/run-os.ts");
        const { execAction } = await import("../pipeline/os/actions.ts");
        const options = { parallel, asRoot, timeoutMs, line: rest.join(" ") };
        const selection = selectionOf(patterns, narrow);
        return runOs(session, { selection, action: (reach) => execAction(reach, options) });
      }),
    );
}

function addSsh(os: Command): void {
  os.command("ssh")
    .description("Log in to one machine with your own ssh.")
    .argument("<machine>", "name, stack/name or VMID")
    .argument("[words...]", "further arguments for ssh")
    .usage("<machine> [-- <ssh arguments...>]")
    .addHelpText("after", sshHelp)
    .action((pattern, words) =>
      runSession({}, async (session) => {
        const { runSsh } = await import("../pipeline/os/run-ssh.ts");
        return runSsh(session, pattern, words);
      }),
    );
}

/** Commander takes "--" away; what stood behind it are the last words. */
function splitAtDashes(words: readonly string[]): { patterns: readonly string[]; rest: readonly string[] } {
  const dashes = process.argv.indexOf("--");
  const restCount = dashes < 0 ? 0 : process.argv.length - dashes - 1;
  const patternCount = words.length - restCount;
  return { patterns: words.slice(0, patternCount), rest: words.slice(patternCount) };
}

function noCommand(): NixherdError {
  return new NixherdError("USAGE", {
    message: "There is no command to run.",
    hint: "Write it after two dashes: nixherd os exec web-1 -- uptime.",
  });
}
