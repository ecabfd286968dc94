import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError } from "@commander-js/extra-typings";
import type { UpResult } from "../../embedded/up-embedded.ts";
import { runSession, type Session } from "../run-session.ts";
import { addEmbeddedFaults } from "./embedded-faults.ts";

const help = `
Examples:
  nixherd embedded up                   start it and print the environment to export
  eval "$(nixherd embedded env)"        use it in this shell: every command, npx cdktf deploy too
  nixherd embedded faults set FILE      let calls, tasks, guests, nodes fail
  nixherd embedded down                 stop it; its machines are gone

It is no real Proxmox VE, runs on this computer alone and answers on loopback only.`;

const upHelp = `
A cluster that runs already is left as it is. One whose process was killed comes back as it was: its
machines, their disks and power, tokens and faults; tasks that ran are over, and what they had locked
stays locked. 'embedded down' ends it for good.

Exit codes: 0 it runs; 1 it does not, with the reason (EMBEDDED_PORT_TAKEN, EMBEDDED_RUNNING,
EMBEDDED_STATE_UNREADABLE, EMBEDDED_FAILED); 130 interrupted in the foreground.`;

/** `nixherd embedded` */
export function addEmbedded(program: Command): void {
  const embedded = program
    .command("embedded")
    .description("An embedded Proxmox VE with machines, to try everything on without a cluster.")
    .addHelpText("after", help);
  embedded
    .command("up")
    .description("Start it and print the environment to export.")
    .option("--foreground", "stay until Ctrl-C, with the log on stderr")
    .option(
      "--port <n>",
      "port of the API (default: the one it had before it was killed, else any)",
      readPort,
    )
    .addHelpText("after", upHelp)
    .action(({ foreground = false, port }) => runSession({}, (session) => up(session, foreground, port)));
  embedded
    .command("down")
    .description("Stop it; its machines are gone.")
    .action(() => runSession({}, down));
  embedded
    .command("status")
    .description("Tell whether it runs, and where.")
    .option("--json", "print the status as JSON")
    .action(({ json = false }) => runSession({ json }, (session) => status(session, json)));
  embedded
    .command("env")
    .description("Print the environment to export.")
    .action(() => runSession({}, env));
  addEmbeddedFaults(embedded);
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a number from 1 to 65535.");
}

async function up(
  { root, screen, interrupt }: Session,
  isForeground: boolean,
  port: number | undefined,
): Promise<number> {
  const { upEmbedded } = await import("../../embedded/up-embedded.ts");
  const { downEmbedded } = await import("../../embedded/down-embedded.ts");
  const { shellExports } = await import("../../embedded/embedded-environment.ts");
  const up = await upEmbedded({ root, port, foreground: isForeground });
  const { started, environment, ended } = up;
  screen.warn(wordsOf(up));
  screen.warn("It is no real Proxmox VE and answers on this computer only. To use it, export:");
  screen.print(shellExports(environment).trimEnd());
  if (!isForeground || !started) return 0;
  // Ctrl-C reaches the cluster's process by itself; other signals reach only this one.
  interrupt.addEventListener("abort", () => void downEmbedded(root));
  return ended;
}

function wordsOf({ started, resumed }: UpResult): string {
  if (!started) return "The embedded cluster runs already.";
  if (!resumed) return "The embedded cluster runs.";
  return "The embedded cluster runs again, with the machines that it had when it was killed.";
}

async function down({ root, screen }: Session): Promise<number> {
  const { downEmbedded } = await import("../../embedded/down-embedded.ts");
  const { embeddedFiles } = await import("../../embedded/embedded-files.ts");
  const hadState = existsSync(embeddedFiles(root).state);
  const wasRunning = await downEmbedded(root);
  if (wasRunning) screen.print("The embedded cluster was stopped.");
  else if (hadState) screen.print("No embedded cluster was running; what a killed one had left is removed.");
  else screen.print("No embedded cluster was running.");
  return 0;
}

async function status({ root, screen }: Session, json: boolean): Promise<number> {
  const { embeddedStatus } = await import("../../embedded/embedded-status.ts");
  const found = embeddedStatus(root);
  if (json) screen.print(JSON.stringify(found));
  else if (found.state === "stopped") screen.print("No embedded cluster is running.");
  else if (found.state === "starting")
    screen.print(`The embedded cluster is starting (process ${found.pid}).`);
  else
    screen.print(
      `The embedded cluster runs at ${found.endpoint} since ${found.startedAt} (process ${found.pid}).`,
    );
  return 0;
}

async function env({ root, screen }: Session): Promise<number> {
  const { embeddedEnv } = await import("../../embedded/embedded-status.ts");
  screen.print(embeddedEnv(root).trimEnd());
  return 0;
}
