import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findHostKey, type HostKey } from "./host-key.ts";

interface KeyPlaces {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly vmId: number;
}

/** Path of the known_hosts file that scripts/hooks keeps for this machine; its one line is for `hostAlias`. */
export function knownHostsFile({ root, vmId }: KeyPlaces): string {
  return join(root, ".nixherd/known_hosts", String(vmId));
}

/** The name under which a machine's key is kept, whatever its address. */
export function hostAlias(vmId: number): string {
  return `nixherd-vm-${vmId}`;
}

/**
 * The host key that an earlier deploy pinned for this machine: read through the guest agent, or recorded in the
 * repository for a machine without one. Undefined before the first deploy from this folder.
 */
export async function pinnedHostKey(places: KeyPlaces, hasAgent: boolean): Promise<HostKey | undefined> {
  const recorded = join(places.root, "vm-specs/_host-keys", `${places.vmId}.pub`);
  const text = await readFile(hasAgent ? knownHostsFile(places) : recorded, "utf8").catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    },
  );
  return findHostKey(text);
}

/** Pins a host key for this machine, so that the hook and every later command accept only it. */
export async function pinHostKey(places: KeyPlaces, key: HostKey): Promise<void> {
  const file = knownHostsFile(places);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(`${file}.${process.pid}`, `${hostAlias(places.vmId)} ${key}\n`);
  await rename(`${file}.${process.pid}`, file);
}
