import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How a machine is reached from this host. */
export interface GuestDoor {
  readonly vmid: number;
  readonly name: string;
  readonly user: string;
  readonly addresses: readonly string[];
  readonly port: number;
  /** OpenSSH public host key, without comment. */
  readonly hostKey: string;
}

/** Whoever is not (yet) one of the machines is refused here: a stand-in's address may be a real machine's elsewhere. */
const nobody = "\nHost *\n  HostName 127.0.0.1\n  Port 1\n";

/**
 * Writes `ssh_config` and `known_hosts` into a folder, so that `ssh -F <folder>/ssh_config <name or address>` reaches
 * each machine. Each file is replaced at once, so no ssh ever reads half of one.
 */
export async function writeSshConfig(
  folder: string,
  keyFile: string,
  doors: readonly GuestDoor[],
): Promise<void> {
  const knownHosts = join(folder, "known_hosts");
  const hosts = doors.map((door) => hostSection(door, keyFile, knownHosts));
  const head =
    "# Written by nixherd embedded: the machines of the embedded cluster, all of them on 127.0.0.1.\n";
  await replaceFile(knownHosts, doors.map((door) => `${hostAlias(door)} ${door.hostKey}\n`).join(""));
  await replaceFile(join(folder, "ssh_config"), [head, ...hosts, nobody].join(""));
}

function hostSection(door: GuestDoor, keyFile: string, knownHosts: string): string {
  const lines = [
    `Host ${[door.name, ...door.addresses].join(" ")}`,
    "  HostName 127.0.0.1",
    `  Port ${door.port}`,
    `  User ${door.user}`,
    `  HostKeyAlias ${hostAlias(door)}`,
    `  IdentityFile "${keyFile}"`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile "${knownHosts}"`,
    "  StrictHostKeyChecking yes",
  ];
  return `\n${lines.join("\n")}\n`;
}

function hostAlias(door: GuestDoor): string {
  return `nixherd-vm-${door.vmid}`;
}

async function replaceFile(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
