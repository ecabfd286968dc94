import type { Command } from "@commander-js/extra-typings";
import { refuseUnattended } from "../confirm.ts";
import { runSession } from "../run-session.ts";
import { asker } from "./os-care.ts";
import {
  jsonOption,
  machinesArgument,
  nodeOption,
  parallelOption,
  readGenerationNumber,
  repeatable,
  selectionOf,
  stackOption,
} from "./os-options.ts";

const activations = {
  switch: {
    description: "Build the specs' systems, activate them, and boot them from now on.",
    verb: "Switch",
  },
  test: { description: "The same, but a reboot brings the old systems back.", verb: "Test new systems on" },
  boot: { description: "Build the specs' systems and have the next boot start them.", verb: "Prepare" },
} as const;

const activationHelp = `
Every activation is that of a deploy: confirmed over a new connection and by the spec's health checks, or taken
back. docs/activation.md tells how. Ctrl-C asks the machine for its old system.`;

const rollbackHelp = `
Examples:
  nixherd os rollback web-1            to the generation before the current one
  nixherd os rollback web-1 --to 12    to this one

The old system is activated as a new one would be, and becomes a new generation. The next apply builds the spec's
system again: correct the configuration before that.`;

const upgradeHelp = `
Examples:
  nixherd os upgrade                        every input, every machine
  nixherd os upgrade @web --input nixpkgs

The inputs are updated in a copy of the flake, and the packages in which each machine would change are shown. Only
then, after a question, flake.lock is changed and the machines are switched.`;

/** `nixherd os switch`, `test`, `boot`, `rollback`, `upgrade` */
export function addOsActivate(os: Command): void {
  for (const name of ["switch", "test", "boot"] as const) {
    const { description, verb } = activations[name];
    os.command(name)
      .description(description)
      .addArgument(machinesArgument())
      .option("--skip-health", "leave the specs' health checks out")
      .option("--yes", "do not ask (needed without a terminal)")
      .addOption(stackOption())
      .addOption(nodeOption())
      .addOption(parallelOption())
      .addOption(jsonOption())
      .addHelpText("after", activationHelp)
      .action((patterns, { skipHealth: skipsHealth = false, yes = false, parallel, json, ...narrow }) =>
        runSession({ json, hasList: "machines" }, async (session) => {
          refuseUnattended(yes, session.screen);
          const { runOs } = await import("../pipeline/os/run-os.ts");
          const { activationAction } = await import("../pipeline/os/activate.ts");
          const options = { parallel, skipsHealth };
          return runOs(session, {
            selection: selectionOf(patterns, narrow),
            confirm: asker(session, yes, verb),
            action: (reach) => activationAction(name, reach, session, options),
          });
        }),
      );
  }
  addRollback(os);
  addUpgrade(os);
}

function addRollback(os: Command): void {
  os.command("rollback")
    .description("Return to the system of an earlier generation.")
    .addArgument(machinesArgument())
    .option("--to <generation>", "which one (default: the one before the current one)", readGenerationNumber)
    .option("--skip-health", "leave the specs' health checks out")
    .option("--yes", "do not ask (needed without a terminal)")
    .addOption(stackOption())
    .addOption(nodeOption())
    .addOption(parallelOption())
    .addOption(jsonOption())
    .addHelpText("after", rollbackHelp)
    .action((patterns, { to, skipHealth: skipsHealth = false, yes = false, parallel, json, ...narrow }) =>
      runSession({ json, hasList: "machines" }, async (session) => {
        refuseUnattended(yes, session.screen);
        const { runOs } = await import("../pipeline/os/run-os.ts");
        const { rollbackAction } = await import("../pipeline/os/activate.ts");
        const options = { parallel, skipsHealth, to };
        return runOs(session, {
          selection: selectionOf(patterns, narrow),
          confirm: asker(session, yes, "Roll back"),
          action: (reach) => rollbackAction(reach, session, options),
        });
      }),
    );
}

function addUpgrade(os: Command): void {
  os.command("upgrade")
    .description("Update the flake's inputs, show what changes on each machine, and switch.")
    .addArgument(machinesArgument())
    .addOption(repeatable("--input <name>", "only this input of the flake; may be given again"))
    .option("--skip-health", "leave the specs' health checks out")
    .option("--yes", "do not ask (needed without a terminal)")
    .addOption(stackOption())
    .addOption(nodeOption())
    .addOption(parallelOption())
    .addOption(jsonOption())
    .addHelpText("after", upgradeHelp)
    .action((patterns, { input: inputs = [], skipHealth: skipsHealth = false, yes = false, ...options }) =>
      runSession({ json: options.json }, async (session) => {
        refuseUnattended(yes, session.screen);
        const { upgrade } = await import("../pipeline/os/upgrade.ts");
        return upgrade(session, {
          selection: selectionOf(patterns, options),
          inputs,
          parallel: options.parallel,
          skipsHealth,
          confirm: asker(session, yes, "Upgrade"),
        });
      }),
    );
}
