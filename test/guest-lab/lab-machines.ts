import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import { type HookRun, readRun, startHook } from "../hooks/hook-lab.ts";
import { type LabCluster, type LabMachine, startLabCluster } from "../hooks/lab-cluster.ts";
import { linkTools } from "../hooks/tool-folder.ts";
import { freezeControlGroup } from "./control-group.ts";
import type { LabGuests } from "./lab-guests.ts";
import { type MachineKind, namespaceMachines } from "./machine-kind.ts";
import { type MachineSort, writeFlake } from "./start-lab.ts";

const repository = join(import.meta.dirname, "../..");

type Environment = Readonly<Record<string, string>>;

/** What a machine says of itself. */
export interface LabState {
  /** Store path of what runs. */
  readonly running: string;
  /** Store path of what its boot loader starts. */
  readonly boots: string;
  /** Store path of its system profile. */
  readonly profile: string;
  readonly bootId: string;
  /** What a run of the hook left on it: folders, units, roots of the garbage collector. */
  readonly leftovers: readonly string[];
}

/** A machine with a real systemd, sshd and Nix, and the repository that its system comes from. */
export interface LabVm {
  readonly vmId: number;
  readonly name: string;
  readonly root: string;
  /** ssh configuration that reaches it. */
  readonly sshConfig: string;
  readonly machine: LabMachine;
  readonly sort: MachineSort;
  /** How long a test waits for a state of the machine. */
  readonly patienceMs: number;
  /** The Nix expression of the machine's module: a set of the options in nixos/system.nix. */
  configure(module: string): void;
  /** Runs a shell script as root on the machine, past SSH. */
  inside(script: string): Promise<string>;
  state(): Promise<LabState>;
  /** Ends every connection to the machine and takes its cable out. */
  cut(): Promise<void>;
  /** Takes the cable out and tells nobody: connections stay, and carry nothing. */
  unplug(): Promise<void>;
  /** Puts the cable in again. */
  plug(): Promise<void>;
  /** Resolves when so many connections in turn have failed. */
  refuse(connections: number): Promise<void>;
  freeze(isFrozen: boolean): void;
  /** PATH of a run that has Nix at hand. */
  readonly pathWithNix: string;
  /** Starts the hook; its output can be read as it comes. */
  start(environment?: Environment): ReturnType<typeof startHook>;
  /** Runs the hook to its end. */
  run(environment?: Environment): Promise<HookRun>;
}

/** Where the tests of one file get their machines from: one lab for all of them. */
export interface GuestLab {
  /** A fresh repository, and a fresh clone of the golden template that runs for as long as the lab does. */
  start(): Promise<LabVm>;
  /** The same, destroyed as soon as it has been used: a kernel's inotify limits let about 25 run at once. */
  use(work: (vm: LabVm) => Promise<void>): Promise<void>;
}

interface RunningGuestLab extends GuestLab {
  stop(): Promise<void>;
}

/** Starts the lab before the tests of a file, and stops it after them; where no lab can be, the tests have to skip. */
export function useGuestLab(kind: MachineKind = namespaceMachines): GuestLab {
  // A busy computer runs five machines at once at a fifth of their speed.
  vi.setConfig({ testTimeout: 3 * kind.patienceMs });
  let lab: RunningGuestLab | undefined;
  beforeAll(async () => {
    if (kind.missing === "") lab = await openGuestLab(kind);
  }, kind.patienceMs);
  afterAll(() => lab?.stop());
  const running = (): RunningGuestLab => {
    if (lab === undefined) throw new Error(kind.missing);
    return lab;
  };
  return {
    start: async () => running().start(),
    use: async (work) => running().use(work),
  };
}

/** Starts a lab with an embedded Proxmox VE. */
export async function openGuestLab(kind: MachineKind = namespaceMachines): Promise<RunningGuestLab> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nixherd-guests-")));
  linkTools(join(folder, "bin"));
  mkdirSync(join(folder, "embedded"));
  const { promise, resolve } = Promise.withResolvers<LabGuests>();
  const cluster = await startLabCluster(join(folder, "embedded"), async (options) => {
    const guests = await kind.start(options.folder, options.keyFile);
    resolve(guests);
    return guests;
  });
  const guests = await promise;
  const taken = new Set<number>();
  const start = async (): Promise<LabVm> => {
    let vmId = 101;
    while (taken.has(vmId)) vmId++;
    taken.add(vmId);
    const vm = openVm(mkdtempSync(join(folder, `${vmId}-`)), cluster, guests, vmId, kind);
    await vm.machine.create();
    return vm;
  };
  return {
    start,
    use: async (work) => {
      const vm = await start();
      try {
        await work(vm);
      } finally {
        await vm.machine.destroy();
        taken.delete(vm.vmId);
      }
    },
    stop: async () => {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function openVm(
  folder: string,
  cluster: LabCluster,
  guests: LabGuests,
  vmId: number,
  kind: MachineKind,
): LabVm {
  const root = join(folder, "repository");
  mkdirSync(join(folder, "tmp"));
  const name = `web-${vmId - 100}`;
  const machine = cluster.machine(vmId, {});
  writeFlake(root, name, "{ }", kind.sort);
  cpSync(join(repository, "scripts/hooks"), join(root, "scripts/hooks"), { recursive: true });
  const pathWithNix = `${guests.lab.nix}:${join(folder, "../bin")}`;
  const contract = {
    ...environmentOf(folder, cluster),
    ...kind.environment,
    ...(kind.environment["NIXHERD_BUILD_ON"] === "local" ? { PATH: pathWithNix } : {}),
    NIXHERD_VM_ID: String(vmId),
    NIXHERD_VM_NAME: name,
    NIXHERD_ADDRESS: machine.address,
  };
  const port = `port-${vmId}`;
  const beside = async (script: string): Promise<void> => {
    await guests.lab.beside(script);
  };
  const start: LabVm["start"] = (environment = {}) =>
    // Longer than any deadline that a test gives the hook.
    startHook(root, { ...contract, ...environment }, 2.5 * kind.patienceMs);
  return {
    vmId,
    name,
    root,
    sshConfig: contract.NIXHERD_SSH_CONFIG,
    machine,
    sort: kind.sort,
    patienceMs: kind.patienceMs,
    configure: (module) => writeFileSync(join(root, "nix/hosts/web.nix"), module),
    inside: (script) => guests.inside(vmId, script),
    state: async () => readState(await guests.inside(vmId, tellState)),
    cut: () => beside(`ip link set ${port} down; ss --kill dst ${machine.address}`),
    unplug: () => beside(`ip link set ${port} down`),
    plug: () => beside(`ip link set ${port} up`),
    refuse: (connections) =>
      beside(
        `for try in $(seq ${connections}); do ! timeout 2 bash -c 'exec 3<>/dev/tcp/${machine.address}/22' 2>/dev/null; done`,
      ),
    freeze: (isFrozen) => freezeControlGroup(guests.groupOf(vmId), isFrozen),
    pathWithNix,
    start,
    run: async (environment = {}) => readRun(await start(environment)),
  };
}

function environmentOf(folder: string, cluster: LabCluster) {
  return {
    PATH: join(folder, "../bin"),
    HOME: folder,
    TMPDIR: join(folder, "tmp"),
    NIXHERD_STACK: "lab",
    NIXHERD_NODE: "pve1",
    NIXHERD_SSH_CONFIG: join(cluster.folder, "ssh_config"),
    PROXMOX_VE_ENDPOINT: cluster.endpoint,
    PROXMOX_VE_API_TOKEN: cluster.token,
    SSL_CERT_FILE: join(cluster.folder, "ca.pem"),
  };
}

const tellState = `
readlink -f /run/current-system
sed -n 's/^system=//p' /boot/loader/default
readlink -f /nix/var/nix/profiles/system
cat /proc/sys/kernel/random/boot_id
ls /run/nixherd /nix/var/nix/gcroots/auto 2>/dev/null | grep -E '^[0-9]+-|^nixherd-' || true
# The timer of a trial that is over belongs to its kernel's command line, and so stays known until the next boot.
systemctl list-units --all --plain --no-legend 'nixherd-*' | awk '$1 " " $3 != "nixherd-trial.timer inactive" { print $1 }'
`;

function readState(said: string): LabState {
  const [running = "", boots = "", profile = "", bootId = "", ...leftovers] = said.split("\n");
  return { running, boots, profile, bootId, leftovers };
}

/** The endings that there may be; the last one is for systems that only a reboot can activate. */
export type Ending = "old system" | "new system confirmed" | "old system until the next boot";

/** What a machine runs and boots, compared with what it ran before. */
export function endingOf(state: LabState, before: LabState): Ending | "neither" {
  if (state.boots !== state.profile) return "neither";
  if (state.running !== before.running) {
    return state.running === state.boots ? "new system confirmed" : "neither";
  }
  return state.boots === before.boots ? "old system" : "old system until the next boot";
}
