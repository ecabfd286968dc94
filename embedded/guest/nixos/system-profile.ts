import { mkdir, readFile, readlink, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

const profiles = "nix/var/nix/profiles";

/** Makes a system the first generation of a machine's system profile. */
export async function createProfile(root: string, storePath: string): Promise<void> {
  await mkdir(join(root, profiles), { recursive: true });
  await symlink(join(root, storePath), join(root, profiles, "system-1-link"));
  await symlink("system-1-link", join(root, profiles, "system"));
}

/** Does what NixOS does as it boots: the profile's system becomes the running one, and its units start. */
export async function bootProfile(root: string): Promise<void> {
  const generation = await readlink(join(root, profiles, "system"));
  const system = await readlink(join(root, profiles, generation));
  await symlink(system, join(root, "run/booting-system"));
  await rename(join(root, "run/booting-system"), join(root, "run/current-system"));
  const units = (await readFile(join(system, "units"), "utf8")).split("\n").filter((unit) => unit !== "");
  for (const unit of units) await writeFile(join(root, "run/units", `${unit}.state`), "active\n");
}
