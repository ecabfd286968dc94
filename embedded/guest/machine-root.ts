import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createKeyPair } from "../create-key-pair.ts";
import type { CloudInit } from "./cloud-init.ts";
import { homeOf } from "./home-of.ts";
import { forgetProcesses } from "./machine-processes.ts";
import { createProfile } from "./nixos/system-profile.ts";
import { writeSystem } from "./nixos/write-system.ts";

/** Path, inside a machine, of the host key that its SSH server shows. */
export const hostKeyPath = "/etc/ssh/ssh_host_ed25519_key";

const osReleasePath = "/etc/os-release";
const osRelease = 'ID=nixos\nNAME=NixOS\nPRETTY_NAME="NixOS 26.05 (embedded)"\nVERSION_ID="26.05"\n';

/**
 * Makes what a machine lacks as it boots; `root` is the folder that stands for its `/`. A disk that nobody filled holds the
 * golden template: its NixOS as the first generation. A machine id and a host key are made where there are none, as
 * systemd and sshd do.
 */
export async function createMachineRoot(root: string): Promise<void> {
  for (const folder of ["tmp", "run/units", "var/lib", "var/log", "root"]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await forgetProcesses(root);
  await writeInside(root, "/proc/sys/kernel/kexec_load_disabled", "0\n");
  if (!existsSync(join(root, osReleasePath))) await fillDisk(root);
  const machineId = join(root, "etc/machine-id");
  if (!existsSync(machineId) || (await readFile(machineId, "utf8")) === "") {
    await writeFile(machineId, `${randomBytes(16).toString("hex")}\n`);
  }
  if (!existsSync(join(root, hostKeyPath))) {
    await mkdir(join(root, dirname(hostKeyPath)), { recursive: true });
    await createKeyPair(join(root, hostKeyPath), "root@nixos");
  }
}

async function fillDisk(root: string): Promise<void> {
  await writeInside(root, "/etc/nixos-template.json", `${JSON.stringify({ release: "26.05" })}\n`);
  const template = await writeSystem(root, {
    name: "nixos",
    inputs: "golden template",
    units: [],
    keys: [],
  });
  await createProfile(root, template);
  // Last, since it tells a finished disk from one whose making was cut off.
  await writeInside(root, osReleasePath, osRelease);
}

/** Does what cloud-init does at each boot: host name, the user's home and keys. */
export async function applyCloudInit(root: string, cloudInit: CloudInit): Promise<void> {
  await writeInside(root, "/etc/hostname", `${cloudInit.hostName}\n`);
  const result = { v1: { datasource: "DataSourceNoCloud [seed=/dev/sr0]", errors: [] } };
  await writeInside(root, "/run/cloud-init/result.json", JSON.stringify(result));
  const keys = cloudInit.keys.map((key) => `${key}\n`).join("");
  await writeInside(root, `${homeOf(cloudInit.user)}/.ssh/authorized_keys`, keys);
}

async function writeInside(root: string, path: string, content: string): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
