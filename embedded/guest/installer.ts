import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GuestMachine } from "../pve/guest-port.ts";
import { moveLinks } from "./copy-disk.ts";
import { createKeyboard } from "./keyboard.ts";
import { spawnInside } from "./spawn-inside.ts";

/** The screen and the keyboard of a machine that runs an installer. */
export interface Console {
  pressKey(key: string): void;
}

/** Whether a machine boots an installer: nothing is on its disk, and an ISO image is in its boot order. */
export function bootsInstaller({ config }: GuestMachine, disk: string): boolean {
  const order = /order=([^,]+)/.exec(String(config["boot"] ?? ""))?.[1] ?? "";
  return !existsSync(disk) && order.split(";").some((drive) => /:iso\//.test(String(config[drive] ?? "")));
}

/** The folder of an installer's own `/`, which it has in its memory; the machine's disk comes to `/mnt` there. */
export function installerRoot(disk: string): string {
  return `${disk}.installer`;
}

/** Makes an installer's own files: an empty disk, and a place to mount it. */
export async function createInstallerRoot(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
  for (const folder of ["run", "dev", "mnt"]) await mkdir(join(root, folder), { recursive: true });
  for (const file of ["run/installer", "dev/vda"]) await writeFile(join(root, file), "");
}

/** An installer asks for an address wherever it is connected. */
export function withDhcp(machine: GuestMachine): GuestMachine {
  const numbers = Object.keys(machine.config).flatMap((key) => /^net(\d+)$/.exec(key)?.[1] ?? []);
  const asked = Object.fromEntries(numbers.map((number) => [`ipconfig${number}`, "ip=dhcp"]));
  return { ...machine, config: { ...machine.config, ...asked } };
}

/** Whether somebody has started an agent in an installer. */
export function hasInstallerAgent(root: string): boolean {
  return existsSync(join(root, "run/agent"));
}

/** Opens the shell on an installer's screen: whatever is typed is run by it, line by line. */
export function openConsole(root: string, log: (line: string) => void): Console {
  const shell = spawnInside(root, "nixos", "bash", ["-s"]);
  const tell = (chunk: Buffer): void => log(`installer: ${String(chunk).trim()}`);
  shell.stdout.on("data", tell);
  shell.stderr.on("data", tell);
  shell.on("error", (error) => log(`the installer's shell did not start: ${error.message}`));
  shell.stdin.on("error", (error) => log(`the installer's shell is gone: ${error.message}`));
  return { pressKey: createKeyboard((line) => void shell.stdin.write(`${line}\n`)) };
}

/** What becomes of an installer whose power goes: what it wrote onto the disk stays, the rest is lost. */
export async function leaveInstaller(root: string, disk: string): Promise<void> {
  const mounted = join(root, "mnt");
  if (existsSync(join(mounted, ".mounted"))) {
    await rm(join(mounted, ".mounted"));
    await rm(disk, { recursive: true, force: true });
    await rename(mounted, disk);
    await moveLinks(mounted, disk);
  }
  await rm(root, { recursive: true, force: true });
}
