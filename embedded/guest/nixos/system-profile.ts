import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

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

/** The system whose kernel kexec has loaded; undefined if none is. */
export async function loadedSystem(root: string): Promise<string | undefined> {
  const file = join(root, "run/kexec");
  return existsSync(file) ? (await readFile(file, "utf8")).trim() : undefined;
}

/** Boots what the boot loader starts. */
export async function bootProfile(root: string): Promise<void> {
  await bootSystem(root, (await readFile(join(root, "boot/default"), "utf8")).trim());
}

/** Does what NixOS does as it boots: the system becomes the running one, and its units start. One whose kernel panics restarts the machine. */
export async function bootSystem(root: string, storePath: string): Promise<void> {
  const system = join(root, storePath);
  const boot = (await readFile(join(system, "boot"), "utf8")).trim();
  const isDefault = (await readFile(join(root, "boot/default"), "utf8")).trim() === storePath;
  if (boot === "panics" && !isDefault) return bootProfile(root);
  for (const name of ["nixherd", "nixos", "frozen", "no-logind", "restarting", "kexec"]) {
    await rm(join(root, "run", name), { recursive: true, force: true });
  }
  // A kernel that panics whenever it is booted comes no further than one that hangs.
  if (boot !== "comes up") await writeFile(join(root, "run/frozen"), "");
  await point(join(root, "run/booted-system"), system);
  await point(join(root, "run/current-system"), system);
  const units = (await readFile(join(system, "units"), "utf8")).split("\n").filter((unit) => unit !== "");
  for (const unit of units) await writeFile(join(root, "run/units", `${unit}.state`), "active\n");
  // Last: a session that outlives the restart, as none does on a real machine, must not see the new boot too early.
  await mkdir(join(root, "proc/sys/kernel/random"), { recursive: true });
  await writeFile(join(root, "proc/sys/kernel/random/boot_id"), `${randomUUID()}\n`);
}

async function point(link: string, target: string): Promise<void> {
  await symlink(target, `${link}.new`);
  await rename(`${link}.new`, link);
}
