import type { Command } from "@commander-js/extra-typings";
import { runSession, type Session } from "../run-session.ts";

const help = `
Examples:
  nixherd embedded up                   start it and print the environment to export
  eval "$(nixherd embedded env)"        use it in this shell: every command, npx cdktf deploy too
  nixherd embedded down                 stop it; its machines are gone

It is no real Proxmox VE, runs on this computer alone and answers on loopback only.`;

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
    .action(({ foreground = false }) => runSession({}, (session) => up(session, foreground)));
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
}

async function up({ root, screen, interrupt }: Session, isForeground: boolean): Promise<number> {
  const { upEmbedded } = await import("../../embedded/up-embedded.ts");
  const { downEmbedded } = await import("../../embedded/down-embedded.ts");
  const { shellExports } = await import("../../embedded/embedded-environment.ts");
  const { started, environment, ended } = await upEmbedded({ root, foreground: isForeground });
  screen.warn(started ? "The embedded cluster runs." : "The embedded cluster runs already.");
  screen.warn("It is no real Proxmox VE and answers on this computer only. To use it, export:");
  screen.print(shellExports(environment).trimEnd());
  if (!isForeground || !started) return 0;
  // Ctrl-C reaches the cluster's process by itself; other signals reach only this one.
  interrupt.addEventListener("abort", () => void downEmbedded(root));
  return ended;
}

async function down({ root, screen }: Session): Promise<number> {
  const { downEmbedded } = await import("../../embedded/down-embedded.ts");
  const wasRunning = await downEmbedded(root);
  screen.print(wasRunning ? "The embedded cluster was stopped." : "No embedded cluster was running.");
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
