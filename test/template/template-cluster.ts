import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createKeyPair } from "../../embedded/create-key-pair.ts";
import { packerBastion } from "../../embedded/embedded-environment.ts";
import { type Guests, startGuests } from "../../embedded/guest/start-guests.ts";
import { AgentError, type GuestMachine, type GuestPort } from "../../embedded/pve/guest-port.ts";
import { type PveOptions, type RunningPve, startPve } from "../../embedded/pve/start-pve.ts";
import type { ProxmoxAccess } from "../../proxmox/access.ts";

/** What machines show that were cloned from a golden template, beyond what every embedded machine has. */
export interface GuestInside {
  /** Text of a file; undefined leaves it to the embedded machine. */
  readonly file: (path: string, vmId: number) => string | undefined;
  /** Size of the root file system on a disk of that size. */
  readonly rootBytes: (diskBytes: number) => number;
  /** The keys that cloud-init is given reach the account. */
  readonly takesKeys: boolean;
}

const mebibyte = 1024 ** 2;

/** A clone as it should be. */
export const soundGuest: GuestInside = {
  file: (path, vmId) => {
    if (path === "/etc/machine-id") return `${createHash("md5").update(String(vmId)).digest("hex")}\n`;
    if (path === "/run/cloud-init/result.json") return cloudInitResult([]);
    if (path === "/etc/nixos-template.json")
      return JSON.stringify({ release: "26.05", nixpkgsRevision: "a".repeat(40) });
    return undefined;
  },
  rootBytes: (diskBytes) => diskBytes - 300 * mebibyte,
  takesKeys: true,
};

/** What cloud-init writes when it has finished. */
export function cloudInitResult(errors: readonly string[]): string {
  return JSON.stringify({ v1: { datasource: "DataSourceNoCloud [seed=/dev/sr0]", errors } });
}

export interface TemplateCluster {
  readonly pve: RunningPve;
  readonly access: ProxmoxAccess;
  readonly sshConfig: string;
  /** The insides of its machines, before anything is shown differently. */
  readonly guests: Guests;
  /** What points the program at this cluster. */
  readonly environment: Readonly<Record<string, string>>;
  /** Every call that changed something, such as "POST /nodes/pve1/qemu/9000/clone". */
  readonly changes: string[];
}

/** An embedded cluster whose machines have the inside of golden templates' clones; stopped after the test. */
export async function startTemplateCluster(
  inside: Partial<GuestInside> = {},
  options: PveOptions = {},
): Promise<TemplateCluster> {
  const folder = mkdtempSync(join(tmpdir(), "nixherd-template-"));
  const keyFile = join(folder, "id_ed25519");
  const guests = await startGuests({ folder, keyFile, publicKey: await createKeyPair(keyFile, "test") });
  const changes: string[] = [];
  const disks = new Map<number, number>();
  const pve = await startPve({
    guests: withInside(guests.port, { ...soundGuest, ...inside }, disks),
    onRequest: ({ method, path }) => {
      if (method !== "GET") changes.push(`${method} ${path}`);
    },
    ...options,
  });
  onTestFinished(async () => {
    await pve.stop();
    await guests.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, pve.caPem);
  const [token = ""] = Object.values(pve.tokens);
  const sshConfig = join(folder, "ssh_config");
  const endpoint = new URL(pve.endpoint).origin;
  return {
    pve,
    access: { endpoint, token, isInsecure: false, caFile },
    sshConfig,
    guests,
    environment: {
      PROXMOX_VE_ENDPOINT: endpoint,
      PROXMOX_VE_API_TOKEN: token,
      SSL_CERT_FILE: caFile,
      NIXHERD_SSH_CONFIG: sshConfig,
      PKR_VAR_bastion: packerBastion(keyFile, guests.bastionPort),
    },
    changes,
  };
}

function withInside(port: GuestPort, inside: GuestInside, disks: Map<number, number>): GuestPort {
  return {
    ...port,
    boot: (machine) => {
      disks.set(machine.vmid, diskBytesOf(machine));
      const { sshkeys: _sshkeys, ...withoutKeys } = machine.config;
      return port.boot(inside.takesKeys ? machine : { ...machine, config: withoutKeys });
    },
    agent: async (vmId, command, params) => {
      // First the machine itself: it refuses while it is down.
      if (command === "get-fsinfo") {
        await port.agent(vmId, "ping", {});
        return [{ mountpoint: "/", type: "ext4", "total-bytes": inside.rootBytes(disks.get(vmId) ?? 0) }];
      }
      if (command !== "file-read") return port.agent(vmId, command, params);
      await port.agent(vmId, "ping", {});
      const content = inside.file(String(params["file"]), vmId);
      if (content === undefined) return port.agent(vmId, command, params);
      if (content === "")
        throw new AgentError(
          `failed to open file '${params["file"]}' (mode: 'r'): No such file or directory`,
        );
      return { content, "bytes-read": content.length };
    },
  };
}

function diskBytesOf({ config }: GuestMachine): number {
  const size = /\bsize=(\d+)G/.exec(String(config["virtio0"]))?.[1];
  return Number(size ?? 0) * 1024 * mebibyte;
}
