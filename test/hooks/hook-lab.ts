import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll } from "vitest";
import type { GuestBehaviour } from "../../embedded/guest/guest-behaviour.ts";
import { type LabCluster, type LabMachine, startLabCluster } from "./lab-cluster.ts";
import { linkTools } from "./tool-folder.ts";

const repository = join(import.meta.dirname, "../..");

/** What one run of the hook gave. */
export interface HookRun {
  readonly exitCode: number;
  /** Standard output and error as they came. */
  readonly output: string;
  /** `<phase> <state>` of the phase lines, in order, without the starts. */
  readonly phases: readonly string[];
  readonly lastLine: string;
}

/** A repository with a flake and the hook, and a machine to run the hook against. */
export interface HookLab {
  readonly root: string;
  readonly vmId: number;
  /** The machine's name. */
  readonly name: string;
  readonly cluster: LabCluster;
  readonly machine: LabMachine;
  /** The only folder on the hook's PATH. */
  readonly tools: string;
  /** Where the hook makes its temporary files. */
  readonly temporary: string;
  write(path: string, content: string, mode?: number): void;
  read(path: string): string;
  /** The module of the machine's configuration. */
  configure(module: string): void;
  /** Path in this host's file system of the system that the machine runs. */
  runningSystem(): string;
  /** The same of the one that its boot loader starts. */
  bootedSystem(): string;
  /** The same of its system profile's generation. */
  profileSystem(): string;
  /** Does a transient unit of the hook run on the machine, such as "nixherd-activation.service"? */
  isRunning(unit: string): boolean;
  /** The same of the store paths that a run keeps from the garbage collector. */
  collectorRoots(): string[];
  /** Kills a transient unit of the machine with all its processes. */
  killUnit(unit: string): Promise<void>;
  /** Makes an empty file below the machine's `/`. */
  touchInside(path: string): void;
  /** Starts the hook; its output can be read as it comes. */
  start(environment?: Readonly<Record<string, string>>): ReturnType<typeof startHook>;
  /** Runs the hook to its end. */
  run(environment?: Readonly<Record<string, string>>): Promise<HookRun>;
}

/** Where the tests of one file get their laboratories from: one cluster for all of them. */
export interface HookLabs {
  /** A fresh repository, and a machine that is not there yet, with a VMID that no other of the file's has. */
  open(change?: Partial<GuestBehaviour>): HookLab;
  /** The same with a machine that runs. */
  start(change?: Partial<GuestBehaviour>): Promise<HookLab>;
}

/** Starts the cluster before the tests of a file, and stops it after them. */
export function useHookLabs(): HookLabs {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nixherd-lab-")));
  let cluster: LabCluster;
  let nextVmId = 101;
  beforeAll(async () => {
    mkdirSync(join(folder, "embedded"));
    linkTools(join(folder, "bin"));
    cluster = await startLabCluster(join(folder, "embedded"));
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const open: HookLabs["open"] = (change = {}) => {
    const vmId = nextVmId++;
    return openLab(mkdtempSync(join(folder, `${vmId}-`)), cluster, cluster.machine(vmId, change), vmId);
  };
  return {
    open,
    start: async (change) => {
      const lab = open(change);
      await lab.machine.create();
      return lab;
    },
  };
}

function openLab(folder: string, cluster: LabCluster, machine: LabMachine, vmId: number): HookLab {
  const root = join(folder, "repository");
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  const tools = join(folder, "../bin");
  const write: HookLab["write"] = (path, content, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  };
  const name = `web-${vmId - 100}`;
  writeRepository(root, name, write);
  const contract = {
    PATH: tools,
    HOME: folder,
    TMPDIR: temporary,
    NIXHERD_VM_ID: String(vmId),
    NIXHERD_VM_NAME: name,
    NIXHERD_STACK: "demo",
    NIXHERD_NODE: "pve1",
    NIXHERD_ADDRESS: machine.address,
    NIXHERD_DEADLINE_SECONDS: "30",
    NIXHERD_CONFIRM_SECONDS: "20",
    NIXHERD_ROLLBACK_SECONDS: "20",
    NIXHERD_SSH_CONFIG: join(cluster.folder, "ssh_config"),
    PROXMOX_VE_ENDPOINT: cluster.endpoint,
    PROXMOX_VE_API_TOKEN: cluster.token,
    SSL_CERT_FILE: join(cluster.folder, "ca.pem"),
  };
  const start: HookLab["start"] = (environment = {}) => startHook(root, { ...contract, ...environment });
  return {
    root,
    vmId,
    name,
    cluster,
    machine,
    tools,
    temporary,
    write,
    read: (path) => readFileSync(join(root, path), "utf8"),
    configure: (module) => write("nix/hosts/web.nix", module),
    runningSystem: () => readlinkSync(join(machine.root, "run/current-system")),
    bootedSystem: () => join(machine.root, readFileSync(join(machine.root, "boot/default"), "utf8").trim()),
    profileSystem: () => {
      const profiles = join(machine.root, "nix/var/nix/profiles");
      return readlinkSync(join(profiles, readlinkSync(join(profiles, "system"))));
    },
    isRunning: (unit) => existsSync(join(machine.root, `run/units/${unit}.state`)),
    collectorRoots: () => {
      const folder = join(machine.root, "nix/var/nix/gcroots/auto");
      return existsSync(folder) ? readdirSync(folder).map((name) => realpathSync(join(folder, name))) : [];
    },
    killUnit: async (unit) => {
      const file = join(machine.root, `run/units/${unit}`);
      process.kill(-Number(readFileSync(`${file}.pid`, "utf8")), "SIGKILL");
      for (const part of ["pid", "state", "command", "loaded"]) rmSync(`${file}.${part}`);
    },
    touchInside: (path) => writeFileSync(join(machine.root, path), ""),
    start,
    run: async (environment = {}) => readRun(await start(environment)),
  };
}

function writeRepository(root: string, name: string, write: HookLab["write"]): void {
  write("flake.nix", "{ outputs = _: { }; }\n");
  write("nix/hosts/web.nix", "{ services.nginx.enable = true; }\n");
  const nixos = { modules: ["nix/hosts/web.nix"], health: [{ unit: "nginx.service" }] };
  write(`vm-specs/demo/${name}.json`, JSON.stringify({ nixos }));
  cpSync(join(repository, "scripts/hooks"), join(root, "scripts/hooks"), { recursive: true });
}

/** Starts the hook of a repository with nothing but this environment; a run that lasts longer than timeoutMs is ended. */
export function startHook(root: string, environment: Readonly<Record<string, string>>, timeoutMs = 50_000) {
  return execa("scripts/hooks/post-apply.sh", {
    cwd: root,
    env: environment,
    extendEnv: false,
    all: true,
    reject: false,
    stdin: "ignore",
    timeout: timeoutMs,
  });
}

/** Reads what a finished run printed. */
export function readRun(result: { readonly all: string; readonly exitCode?: number | undefined }): HookRun {
  const lines = result.all.split("\n").filter((line) => line !== "");
  const phases = lines.flatMap((line) => {
    const [, phase, state] = /^phase=(\S+) state=(ok|fail|skip) ms=\d+$/.exec(line) ?? [];
    return phase === undefined ? [] : [`${phase} ${state}`];
  });
  return { exitCode: result.exitCode ?? -1, output: result.all, phases, lastLine: lines.at(-1) ?? "" };
}

/** Resolves as soon as the condition holds; rejects after half a minute. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still not so after half a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
