import type { Command } from "@commander-js/extra-typings";
import type { Machine } from "../../specs/fleet.ts";
import { askFor, refuseUnattended } from "../confirm.ts";
import { runSession, type Session } from "../run-session.ts";
import {
  jsonOption,
  machinesArgument,
  nodeOption,
  parallelOption,
  readAgeSeconds,
  readCount,
  readSecondsAsMs,
  selectionOf,
  stackOption,
} from "./os-options.ts";

const rebootHelp = `
Examples:
  nixherd os reboot web-1
  nixherd os reboot @web --yes      one after another; it stops at the first that does not come back

A machine is back when it answers with a new boot id and runs its profile's system.`;

const gcHelp = `
Examples:
  nixherd os gc --dry-run                          what would go
  nixherd os gc --keep 5 --older-than 30d --yes

A generation goes when it is none of the newest and older than that. Those that are current, running, booted or
confirmed last stay in any case.`;

/** `nixherd os reboot`, `nixherd os gc` */
export function addOsCare(os: Command): void {
  addReboot(os);
  addGarbage(os);
}

function addReboot(os: Command): void {
  os.command("reboot")
    .description("Restart machines, one after another, each verified.")
    .addArgument(machinesArgument())
    .option("--timeout <seconds>", "until a machine has to be back", readSecondsAsMs, 600_000)
    .option("--yes", "do not ask (needed without a terminal)")
    .addOption(stackOption())
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", rebootHelp)
    .action((patterns, { timeout: timeoutMs, yes = false, json, ...narrow }) =>
      runSession({ json, hasList: "machines" }, async (session) => {
        refuseUnattended(yes, session.screen);
        const { runOs } = await import("../pipeline/os/run-os.ts");
        const { rebootAction } = await import("../pipeline/os/actions.ts");
        return runOs(session, {
          selection: selectionOf(patterns, narrow),
          confirm: asker(session, yes, "Restart"),
          action: (reach) => rebootAction(reach, timeoutMs),
        });
      }),
    );
}

function addGarbage(os: Command): void {
  os.command("gc")
    .description("Delete old generations and free the machines' stores.")
    .addArgument(machinesArgument())
    .option("--keep <n>", "the newest generations that stay", readCount, 5)
    .option("--older-than <age>", "younger generations stay: 12h, 30d, 4w", readAgeSeconds, 0)
    .option("--dry-run", "only say what would go")
    .option("--yes", "do not ask (needed without a terminal)")
    .addOption(stackOption())
    .addOption(nodeOption())
    .addOption(parallelOption())
    .addOption(jsonOption())
    .addHelpText("after", gcHelp)
    .action((patterns, { keep, olderThan, dryRun = false, yes = false, parallel, json, ...narrow }) =>
      runSession({ json, hasList: "machines" }, async (session) => {
        const isConfirmed = yes || dryRun;
        refuseUnattended(isConfirmed, session.screen);
        const { runOs } = await import("../pipeline/os/run-os.ts");
        const { garbageAction } = await import("../pipeline/os/actions.ts");
        const options = { parallel, keep, olderThanSeconds: olderThan, isDryRun: dryRun };
        return runOs(session, {
          selection: selectionOf(patterns, narrow),
          confirm: asker(session, isConfirmed, "Delete old generations of"),
          action: (reach) => garbageAction(reach, options),
        });
      }),
    );
}

/** Asks once, with the machines' names, unless that was answered beforehand. */
export function asker(session: Session, isConfirmed: boolean, verb: string) {
  return async (machines: readonly Machine[]): Promise<void> => {
    if (isConfirmed) return;
    const names = machines.map(({ stack, name }) => `${stack}/${name}`).join(", ");
    await askFor("yes", `${verb} ${names}? Type "yes": `, session.interrupt);
  };
}
