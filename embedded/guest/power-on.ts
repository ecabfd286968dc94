import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { GuestMachine } from "../pve/guest-port.ts";
import { type AgentPrograms, createAgentPrograms } from "./agent-programs.ts";
import { bootInside, type Inside } from "./boot-inside.ts";
import type { CloudInit } from "./cloud-init.ts";
import type { GuestBehaviour } from "./guest-behaviour.ts";
import { homeOf } from "./home-of.ts";
import type { SshListener } from "./listen-for-ssh.ts";
import { endProcesses } from "./machine-processes.ts";
import { hostKeyPath } from "./machine-root.ts";
import type { GuestDoor } from "./ssh-config.ts";
import { startSshServer } from "./ssh-server.ts";

interface PowerOnSettings {
  readonly publicKey: string;
  readonly log: (line: string) => void;
  readonly rootOf: (vmid: number) => string;
}

/** A machine whose power is on. */
export interface RunningMachine {
  readonly root: string;
  readonly cloudInit: CloudInit;
  readonly programs: AgentPrograms;
  readonly behaviour: GuestBehaviour;
  readonly rootBytes: number;
  agentAnswers(): boolean;
  /** A key was pressed. */
  pressKey(key: string): void;
  /** How to reach it; undefined until its SSH server listens. */
  door(): GuestDoor | undefined;
  powerOff(): Promise<void>;
}

/** Powers a machine on. Its SSH server comes up by itself a little later; `onReachable` is called then. */
export async function powerOn(
  machine: GuestMachine,
  behaviour: GuestBehaviour,
  settings: PowerOnSettings,
  onReachable: () => Promise<void>,
): Promise<RunningMachine> {
  const startedAt = performance.now();
  let server: SshListener | undefined;
  let door: GuestDoor | undefined;
  const inside = await bootInside(machine, settings.rootOf(machine.vmid), settings.log);
  const { root, cloudInit } = inside;
  const programs = createAgentPrograms(root);
  let opening: Promise<void> = Promise.resolve();

  const listen = async (): Promise<void> => {
    const hostKey = await readFile(join(root, hostKeyPath), "utf8");
    const publicHostKey = await readFile(join(root, `${hostKeyPath}.pub`), "utf8");
    server = await startSshServer({
      hostKey,
      root,
      user: cloudInit.user,
      log: settings.log,
      ...keysOf(inside, settings),
    });
    door = { ...describe(machine, cloudInit), port: server.port, hostKey: publicHostKey.trim() };
    await onReachable();
  };
  const fail = (error: unknown): void =>
    settings.log(`machine ${machine.vmid} did not boot: ${String(error)}`);
  const open = (): void => {
    opening = listen().catch(fail);
  };
  const booting = behaviour.neverBoots ? undefined : setTimeout(open, behaviour.bootMs);
  return {
    root,
    cloudInit,
    programs,
    behaviour,
    rootBytes: diskBytes(machine),
    agentAnswers: () =>
      behaviour.hasAgent &&
      !behaviour.neverBoots &&
      performance.now() - startedAt >= behaviour.agentMs &&
      inside.hasAgent(),
    pressKey: (key) => inside.console?.pressKey(key),
    door: () => door,
    powerOff: async () => {
      clearTimeout(booting);
      // A server that is just about to listen would outlive its machine.
      await opening;
      door = undefined;
      await server?.close();
      await endProcesses(root, settings.log);
      await inside.leave();
    },
  };
}

function keysOf({ root, cloudInit, takesClusterKey }: Inside, settings: PowerOnSettings) {
  return {
    keys: takesClusterKey ? [settings.publicKey] : [],
    authorizedKeyFiles: [
      join(root, homeOf(cloudInit.user), ".ssh/authorized_keys"),
      join(root, "run/current-system/keys"),
    ],
  };
}

function describe(machine: GuestMachine, cloudInit: CloudInit) {
  const addresses = cloudInit.interfaces.flatMap((each) => each.addresses.map(({ address }) => address));
  return { vmid: machine.vmid, name: machine.name, user: cloudInit.user, addresses };
}

/** Size of the disk that comes first in the boot order; the root file system fills it. */
function diskBytes({ config }: GuestMachine): number {
  const order = /order=([^;,]+)/.exec(String(config["boot"] ?? ""))?.[1] ?? "virtio0";
  const [, size = "8", unit = "G"] = /\bsize=(\d+)([MGT])/.exec(String(config[order] ?? "")) ?? [];
  return Number(size) * 1024 ** (unit === "M" ? 2 : unit === "G" ? 3 : 4);
}
