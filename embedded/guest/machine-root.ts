import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createKeyPair } from "../create-key-pair.ts";
import type { CloudInit } from "./cloud-init.ts";
import { createProfile } from "./nixos/system-profile.ts";
import { writeSystem } from "./nixos/write-system.ts";

/** Path, inside a machine, of the host key that its SSH server shows. */
export const hostKeyPath = "/etc/ssh/ssh_host_ed25519_key";

const osRelease = 'ID=nixos\nNAME=NixOS\nPRETTY_NAME="NixOS 26.05 (embedded)"\nVERSION_ID="26.05"\n';

/**
 * Makes the files of a machine that was just cloned from the golden template, unless they are there: a host key, and
 * the template's NixOS as its first generation. `root` is the folder that stands for the machine's `/`.
 */
export async function createMachineRoot(root: string): Promise<void> {
  if (existsSync(join(root, hostKeyPath))) return;
  for (const folder of ["tmp", "run/units", "var/lib", "var/log", "root"]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeInside(root, "/etc/os-release", osRelease);
  await writeInside(root, "/etc/machine-id", `${randomBytes(16).toString("hex")}\n`);
  await writeInside(root, "/etc/nixos-template.json", `${JSON.stringify({ release: "26.05" })}\n`);
  const template = await writeSystem(root, {
    name: "nixos",
    inputs: "golden template",
    units: [],
    keys: [],
  });
  await createProfile(root, template);
  // Last, since it tells a finished machine from one whose making was cut off.
  await createKeyPair(join(root, hostKeyPath), "root@nixos");
}

/** Does what cloud-init does at each boot: host name, the user's home and keys. */
export async function applyCloudInit(root: string, cloudInit: CloudInit): Promise<void> {
  await writeInside(root, "/etc/hostname", `${cloudInit.hostName}\n`);
  const result = { v1: { datasource: "DataSourceNoCloud [seed=/dev/sr0]", errors: [] } };
  await writeInside(root, "/run/cloud-init/result.json", JSON.stringify(result));
  const keys = cloudInit.keys.map((key) => `${key}\n`).join("");
  await writeInside(root, `${homeOf(cloudInit.user)}/.ssh/authorized_keys`, keys);
}

/** A user's home folder inside a machine. */
export function homeOf(user: string): string {
  return user === "root" ? "/root" : `/home/${user}`;
}

async function writeInside(root: string, path: string, content: string): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
