import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { createKeyPair } from "../../../embedded/create-key-pair.ts";
import type { GuestBehaviour } from "../../../embedded/guest/guest-behaviour.ts";
import { startGuests } from "../../../embedded/guest/start-guests.ts";
import type { GuestMachine, GuestPort } from "../../../embedded/pve/guest-port.ts";

/** Guests without a server before them: the test plays the hypervisor. */
export interface GuestLab {
  readonly folder: string;
  readonly port: GuestPort;
  readonly bastionPort: number;
  readonly log: readonly string[];
  boot(machine?: Partial<GuestMachine>): Promise<GuestMachine>;
  /** Boots, and resolves when `ssh web-1 true` works. */
  bootUntilReachable(machine?: Partial<GuestMachine>): Promise<GuestMachine>;
  ssh(...words: readonly string[]): Promise<SshResult>;
  stop(): Promise<void>;
}

interface SshResult {
  readonly exitCode?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const quick: GuestBehaviour = {
  bootMs: 10,
  agentMs: 10,
  ignoresShutdown: false,
  neverBoots: false,
  hasAgent: true,
};

/** A machine with one fixed address and an agent. */
export const webMachine: GuestMachine = {
  vmid: 101,
  node: "pve1",
  name: "web-1",
  config: {
    agent: "1",
    net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0",
    ipconfig0: "ip=10.0.20.11/24,gw=10.0.20.1",
  },
};

/** Opens the laboratory; without `behaviour` the machines behave as their descriptions say. */
export async function openGuestLab(
  change: Partial<GuestBehaviour> | "by description" = {},
): Promise<GuestLab> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nixherd-guests-")));
  const keyFile = join(folder, "id_ed25519");
  const publicKey = await createKeyPair(keyFile, "lab");
  const log: string[] = [];
  const guests = await startGuests({
    folder,
    keyFile,
    publicKey,
    log: (line) => log.push(line),
    ...(change === "by description" ? {} : { behaviour: () => ({ ...quick, ...change }) }),
  });
  const boot: GuestLab["boot"] = async (machine = {}) => {
    const booted = { ...webMachine, ...machine };
    await guests.port.boot(booted);
    return booted;
  };
  const ssh: GuestLab["ssh"] = (...words) =>
    execa("ssh", ["-F", join(folder, "ssh_config"), "-o", "BatchMode=yes", ...words], {
      reject: false,
      stdin: "ignore",
    });
  return {
    folder,
    port: guests.port,
    bastionPort: guests.bastionPort,
    log,
    boot,
    bootUntilReachable: async (machine) => {
      const booted = await boot(machine);
      await until(
        `${booted.name} can be reached`,
        async () => (await ssh(booted.name, "true")).exitCode === 0,
      );
      return booted;
    },
    ssh,
    stop: async () => {
      await guests.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves as soon as the condition holds; rejects after ten seconds. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still not so after ten seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
