import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { GuestBehaviour } from "../../embedded/guest/guest-behaviour.ts";
import { type LabCluster, startLabCluster } from "./lab-cluster.ts";
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

/** A repository with a flake and the hook, and a cluster to run the hook against. */
export interface HookLab {
  readonly root: string;
  readonly cluster: LabCluster;
  /** The folder that stands for `/` of machine 101. */
  readonly machineRoot: string;
  /** The only folder on the hook's PATH. */
  readonly tools: string;
  /** Where the hook makes its temporary files. */
  readonly temporary: string;
  write(path: string, content: string, mode?: number): void;
  read(path: string): string;
  /** Starts the hook; its output can be read as it comes. */
  start(environment?: Readonly<Record<string, string>>): ReturnType<typeof startHook>;
  /** Runs the hook to its end. */
  run(environment?: Readonly<Record<string, string>>): Promise<HookRun>;
  stop(): Promise<void>;
}

/** Opens the laboratory in a temporary folder; `change` alters how its machines behave. */
export async function openHookLab(change: Partial<GuestBehaviour> = {}): Promise<HookLab> {
  const folderOfAll = realpathSync(mkdtempSync(join(tmpdir(), "nixherd-lab-")));
  const root = join(folderOfAll, "repository");
  const folder = join(root, ".nixherd/embedded");
  const cluster = await startLabCluster(folder, change);
  const temporary = join(folderOfAll, "tmp");
  mkdirSync(temporary);
  const tools = join(folderOfAll, "bin");
  linkTools(tools);
  const write: HookLab["write"] = (path, content, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  };
  writeRepository(root, write);
  const contract = {
    PATH: tools,
    HOME: folderOfAll,
    TMPDIR: temporary,
    NIXHERD_VM_ID: "101",
    NIXHERD_VM_NAME: "web-1",
    NIXHERD_STACK: "demo",
    NIXHERD_NODE: "pve1",
    NIXHERD_ADDRESS: "10.0.20.11",
    NIXHERD_DEADLINE_SECONDS: "30",
    NIXHERD_SSH_CONFIG: join(folder, "ssh_config"),
    PROXMOX_VE_ENDPOINT: cluster.endpoint,
    PROXMOX_VE_API_TOKEN: cluster.token,
    SSL_CERT_FILE: join(folder, "ca.pem"),
  };
  const start: HookLab["start"] = (environment = {}) => startHook(root, { ...contract, ...environment });
  return {
    root,
    cluster,
    machineRoot: join(folder, "machines/101"),
    tools,
    temporary,
    write,
    read: (path) => readFileSync(join(root, path), "utf8"),
    start,
    run: async (environment = {}) => readRun(await start(environment)),
    stop: async () => {
      await cluster.stop();
      rmSync(folderOfAll, { recursive: true, force: true });
    },
  };
}

function writeRepository(root: string, write: HookLab["write"]): void {
  write("flake.nix", "{ outputs = _: { }; }\n");
  write("nix/hosts/web.nix", "{ services.nginx.enable = true; }\n");
  write(
    "vm-specs/demo/web-1.json",
    JSON.stringify({
      vmId: 101,
      nixos: { modules: ["nix/hosts/web.nix"], health: [{ unit: "nginx.service" }] },
    }),
  );
  cpSync(join(repository, "scripts/hooks"), join(root, "scripts/hooks"), { recursive: true });
}

function startHook(root: string, environment: Readonly<Record<string, string>>) {
  return execa("scripts/hooks/post-apply.sh", {
    cwd: root,
    env: environment,
    extendEnv: false,
    all: true,
    reject: false,
    stdin: "ignore",
    timeout: 50_000,
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

/** Resolves as soon as the condition holds; rejects after ten seconds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still not so after ten seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Is the unit of an activation running on machine 101? */
export function isActivating(lab: HookLab): boolean {
  return existsSync(join(lab.machineRoot, "run/units/nixherd-activate-101.service.state"));
}
