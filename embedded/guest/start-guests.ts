import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createKeyPair } from "../create-key-pair.ts";
import { AgentNotRunning, type GuestMachine, type GuestPort } from "../pve/guest-port.ts";
import { runAgentCommand } from "./agent-commands.ts";
import { startBastion } from "./bastion.ts";
import { copyDisk } from "./copy-disk.ts";
import { type GuestBehaviour, readBehaviour } from "./guest-behaviour.ts";
import type { SshListener } from "./listen-for-ssh.ts";
import { powerOn, type RunningMachine } from "./power-on.ts";
import { type GuestDoor, writeSshConfig } from "./ssh-config.ts";

interface GuestsOptions {
  /** Folder that gets `ssh_config`, `known_hosts` and `machines/<vmid>/`. */
  readonly folder: string;
  /** Private key file whose public half every machine accepts; stands in `ssh_config`. */
  readonly keyFile: string;
  /** OpenSSH public key of `keyFile`. */
  readonly publicKey: string;
  /** How a machine behaves; by default what `embedded:` lines of its description say. */
  readonly behaviour?: (machine: GuestMachine) => GuestBehaviour;
  /** One line for each thing that is worth knowing; by default nobody listens. */
  readonly log?: (line: string) => void;
}

/** The insides of all machines of the embedded cluster. */
export interface Guests {
  readonly port: GuestPort;
  /** Where the bastion listens, on 127.0.0.1. */
  readonly bastionPort: number;
  /** Powers every machine off. */
  stop(): Promise<void>;
}

/** Makes the guests' side of the embedded cluster: SSH servers and agents for the machines that the server boots. */
export async function startGuests(options: GuestsOptions): Promise<Guests> {
  const running = new Map<number, RunningMachine>();
  const booting = new Set<Promise<void>>();
  const rootOf = (vmid: number): string => join(options.folder, "machines", String(vmid));
  const settings = { ...options, log: options.log ?? (() => undefined), rootOf };
  const publish = serialized(() => writeSshConfig(options.folder, options.keyFile, doorsOf(running)));

  const powerOff = async (vmid: number): Promise<void> => {
    const machine = running.get(vmid);
    running.delete(vmid);
    await machine?.powerOff();
    await publish();
  };
  const boot = async (machine: GuestMachine): Promise<void> => {
    const behaviour = (options.behaviour ?? readBehaviour)(machine);
    running.set(machine.vmid, await powerOn(machine, behaviour, settings, publish));
    await publish();
  };
  const port: GuestPort = {
    async boot(machine) {
      const started = boot(machine);
      booting.add(started);
      await started.finally(() => booting.delete(started));
    },
    async shutdown(vmid) {
      const behaviour = running.get(vmid)?.behaviour;
      if (behaviour?.ignoresShutdown === true || behaviour?.neverBoots === true) return false;
      await powerOff(vmid);
      return true;
    },
    powerOff,
    async destroy(vmid) {
      await powerOff(vmid);
      await rm(rootOf(vmid), { recursive: true, force: true });
    },
    clone: (source, copy) => copyDisk(rootOf(source), rootOf(copy)),
    pressKey: (vmid, key) => running.get(vmid)?.pressKey(key),
    async agent(vmid, command, params) {
      const machine = running.get(vmid);
      if (machine === undefined || !machine.agentAnswers()) throw new AgentNotRunning();
      return runAgentCommand(machine, command, params);
    },
  };
  await mkdir(join(options.folder, "machines"), { recursive: true });
  await publish();
  const bastion = await openBastion(options, () => doorsOf(running));
  return {
    port,
    bastionPort: bastion.port,
    stop: async () => {
      // Whoever asked for a machine hears of its failure; here it only has to be over.
      await Promise.allSettled(booting);
      for (const vmid of [...running.keys()]) await powerOff(vmid);
      await bastion.close();
    },
  };
}

async function openBastion(options: GuestsOptions, doors: () => readonly GuestDoor[]): Promise<SshListener> {
  const hostKeyFile = join(options.folder, "bastion_host_key");
  await createKeyPair(hostKeyFile, "bastion");
  return startBastion({
    hostKey: await readFile(hostKeyFile, "utf8"),
    publicKey: options.publicKey,
    doors,
    log: options.log ?? (() => undefined),
  });
}

function doorsOf(running: ReadonlyMap<number, RunningMachine>): GuestDoor[] {
  return [...running.values()].flatMap((machine) => machine.door() ?? []);
}

/** Runs calls of `work` one after another; files that it replaces are never replaced by two at once. */
function serialized(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(work, work);
    return last;
  };
}
