import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { spawnInside } from "../spawn-inside.ts";

/** Path, inside a machine, of what is another text after each boot. */
export const bootIdPath = "/proc/sys/kernel/random/boot_id";

const profiles = "nix/var/nix/profiles";

/** Makes a system the first generation of a machine's system profile, and what the machine boots. */
export async function createProfile(root: string, storePath: string): Promise<void> {
  // One whose making was cut off begins again.
  await rm(join(root, profiles), { recursive: true, force: true });
  await mkdir(join(root, profiles), { recursive: true });
  await symlink(join(root, storePath), join(root, profiles, "system-1-link"));
  await symlink("system-1-link", join(root, profiles, "system"));
  await mkdir(join(root, "boot"), { recursive: true });
  await writeFile(join(root, "boot/default"), `${storePath}\n`);
}

/** A system whose kernel kexec has loaded. */
interface LoadedSystem {
  readonly storePath: string;
  /** After so many seconds a timer that was handed to its kernel restarts the machine; undefined without one. */
  readonly timerSeconds: number | undefined;
}

/** What kexec has loaded; undefined for nothing. */
export async function loadedSystem(root: string): Promise<LoadedSystem | undefined> {
  const file = join(root, "run/kexec");
  if (!existsSync(file)) return undefined;
  const [storePath = "", seconds = ""] = (await readFile(file, "utf8")).split("\n");
  return { storePath, timerSeconds: seconds === "" ? undefined : Number(seconds) };
}

/** Boots what the boot loader starts. */
export async function bootProfile(root: string): Promise<void> {
  const storePath = (await readFile(join(root, "boot/default"), "utf8")).trim();
  await bootSystem(root, { storePath, timerSeconds: undefined });
}

/** Does what NixOS does as it boots: the system becomes the running one, and its units start. One whose kernel panics restarts the machine. */
export async function bootSystem(root: string, { storePath, timerSeconds }: LoadedSystem): Promise<void> {
  const system = join(root, storePath);
  const boot = (await readFile(join(system, "boot"), "utf8")).trim();
  const isDefault = (await readFile(join(root, "boot/default"), "utf8")).trim() === storePath;
  if (boot === "panics" && !isDefault) return bootProfile(root);
  for (const name of [
    "nixherd",
    "nixos",
    "frozen",
    "no-logind",
    "restarting",
    "kexec",
    "nixherd-trial-over",
  ]) {
    await rm(join(root, "run", name), { recursive: true, force: true });
  }
  // A kernel that panics whenever it is booted comes no further than one that hangs.
  if (boot !== "comes up") await writeFile(join(root, "run/frozen"), "");
  await point(join(root, "run/booted-system"), system);
  await point(join(root, "run/current-system"), system);
  const units = (await readFile(join(system, "units"), "utf8")).split("\n").filter((unit) => unit !== "");
  for (const unit of units) await writeFile(join(root, "run/units", `${unit}.state`), "active\n");
  if (timerSeconds !== undefined) await startTrialTimer(root, timerSeconds);
  // Last: whoever sees the new boot sees what it runs.
  await mkdir(join(root, dirname(bootIdPath)), { recursive: true });
  await writeFile(join(root, bootIdPath), `${randomUUID()}\n`);
}

async function startTrialTimer(root: string, seconds: number): Promise<void> {
  const words = ["--unit=nixherd-trial", `--on-active=${seconds}s`, "--", "systemctl", "reboot"];
  await once(spawnInside(root, "root", "systemd-run", words), "close");
}

async function point(link: string, target: string): Promise<void> {
  // A boot that was cut off may have left one.
  await rm(`${link}.new`, { force: true });
  await symlink(target, `${link}.new`);
  await rename(`${link}.new`, link);
}
