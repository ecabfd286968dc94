import type { Command } from "@commander-js/extra-typings";
import { addOsActivate } from "./os-activate.ts";
import { addOsCare } from "./os-care.ts";
import { addOsExec } from "./os-exec.ts";
import { addOsLook } from "./os-look.ts";

const help = `
Examples:
  nixherd os facts                           a table of every machine
  nixherd os health @web --node pve1         health checks of some of them
  nixherd os exec 'web-*' -- uptime          a command on several machines, ten at a time
  nixherd os generations demo/web-1          what it can return to
  nixherd os gc --keep 5 --older-than 30d    old generations go; what is needed stays

Machines are named as in vm-specs/. Exit codes: 0 all machines well, 1 any of them failed, 130 interrupted.`;

/** `nixherd os` */
export function addOs(program: Command): void {
  const os = program
    .command("os")
    .description("Look after the NixOS inside the machines.")
    .addHelpText("after", help);
  addOsLook(os);
  addOsExec(os);
  addOsActivate(os);
  addOsCare(os);
}
