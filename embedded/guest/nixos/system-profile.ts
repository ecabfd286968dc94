import { randomUUID } from "node:crypto";
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

/** Does what NixOS does as it boots: the boot loader's system becomes the running one, and its units start. */
export async function bootProfile(root: string): Promise<void> {
  const system = join(root, (await readFile(join(root, "boot/default"), "utf8")).trim());
  for (const name of ["nixherd", "nixos", "frozen", "restarting"]) {
    await rm(join(root, "run", name), { recursive: true, force: true });
  }
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
