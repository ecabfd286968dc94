import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What a stand-in of a NixOS system is made of. */
export interface SystemContents {
  /** Host name; part of the store path's name. */
  readonly name: string;
  /** Everything that the system was built from; its hash is the store path's. */
  readonly inputs: string;
  /** Units that run while the system is active. */
  readonly units: readonly string[];
  /** OpenSSH public keys that may log in. */
  readonly keys: readonly string[];
  /** Exit code of the system's activation, or "hang" for one that never ends; see build-system.ts. */
  readonly activation: number | "hang";
}

/** The platform that embedded machines report. No Nix builds for it, so that `buildOn: auto` builds on the machine. */
const embeddedPlatform = "embedded-nixherd";

/** Puts a system into a machine's store, unless it is there, and returns its store path. */
export async function writeSystem(root: string, contents: SystemContents): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(contents)).digest("hex").slice(0, 32);
  const storePath = `/nix/store/${hash}-nixos-system-${contents.name}-26.05.embedded`;
  const folder = join(root, storePath);
  if (existsSync(folder)) return storePath;
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(join(unfinished, "bin"), { recursive: true });
  await writeFile(join(unfinished, "nixos-version"), "26.05.embedded");
  await writeFile(join(unfinished, "system"), embeddedPlatform);
  await writeFile(join(unfinished, "units"), contents.units.map((unit) => `${unit}\n`).join(""));
  await writeFile(join(unfinished, "keys"), contents.keys.map((key) => `${key}\n`).join(""));
  await writeFile(join(unfinished, "activation"), `${contents.activation}\n`);
  const switchToConfiguration = join(unfinished, "bin/switch-to-configuration");
  await copyFile(join(import.meta.dirname, "switch-to-configuration.sh"), switchToConfiguration);
  await chmod(switchToConfiguration, 0o755);
  await rename(unfinished, folder).catch(async (error: unknown) => {
    // Two builds of the same system at once: the first one's result is as good.
    if (!existsSync(folder)) throw error;
    await rm(unfinished, { recursive: true });
  });
  return storePath;
}
