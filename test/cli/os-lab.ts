import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { type LabMachine, startLabCluster } from "../hooks/lab-cluster.ts";
import { program, type Run } from "./project.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBEjJzbaXYzCOZOO2AhHjmvUGF4a2wFiNpXHJzaAyIlv test";

/** A machine of the laboratory. */
interface SpecifiedMachine {
  readonly stack: string;
  readonly name: string;
  readonly vmId: number;
  /** Keys of its spec besides VMID and address. */
  readonly spec?: object;
  /** Its configuration on the cluster besides name and address. */
  readonly config?: Readonly<Record<string, string>>;
}

/** A repository with specs, and embedded machines that run already. */
export interface OsLab {
  readonly root: string;
  /** Environment of every command. */
  readonly environment: Readonly<Record<string, string>>;
  machine(vmId: number): LabMachine;
  /** Runs `nixherd os <words>` without a terminal. */
  os(words: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Run>;
  /** Starts the same and does not wait. */
  start(
    words: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): ReturnType<typeof startProgram>;
  write(path: string, content: object | string): Promise<void>;
  read(path: string): Promise<string>;
  stop(): Promise<void>;
}

/** Opens the laboratory in a temporary folder, with these machines running the template's system. */
export async function openOsLab(machines: readonly SpecifiedMachine[]): Promise<OsLab> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "nixherd-os-")));
  const folder = join(root, ".nixherd/embedded");
  await mkdir(folder, { recursive: true });
  const cluster = await startLabCluster(folder);
  const drivers = new Map(machines.map(({ vmId }) => [vmId, cluster.machine(vmId, { bootMs: 20 })]));
  const machine: OsLab["machine"] = (vmId) => drivers.get(vmId) ?? cluster.machine(vmId, {});
  const write: OsLab["write"] = async (path, content) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  await writeRepository(root, write);
  for (const { stack, name, vmId, spec, config } of machines) {
    const ipv4 = { address: `${machine(vmId).address}/24`, gateway: "10.0.20.1" };
    await write(`vm-specs/${stack}/${name}.json`, { vmId, networks: [{ bridge: "vmbr0", ipv4 }], ...spec });
    await machine(vmId).create({ name, ...config });
  }
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: root,
    NO_COLOR: "1",
    NIXHERD_SSH_CONFIG: join(folder, "ssh_config"),
    PROXMOX_VE_ENDPOINT: cluster.endpoint,
    PROXMOX_VE_API_TOKEN: cluster.token,
    SSL_CERT_FILE: join(folder, "ca.pem"),
  };
  const start: OsLab["start"] = (words, more = {}) => startProgram(root, words, { ...environment, ...more });
  return {
    root,
    environment,
    machine,
    start,
    os: async (words, more) => {
      const { exitCode, stdout, stderr } = await start(words, more);
      return { exitCode, stdout, stderr };
    },
    write,
    read: (path) => readFile(join(root, path), "utf8"),
    stop: async () => {
      await cluster.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function writeRepository(root: string, write: OsLab["write"]): Promise<void> {
  await write("cdktf.json", { language: "typescript", app: "true" });
  await write("flake.nix", "{ outputs = _: { }; }\n");
  await write("vm-specs/_site.json", {
    templates: { nixos: { name: "nixos-26.05-v1", rootDisk: { sizeGiB: 4 } } },
  });
  await write("vm-specs/_defaults.json", {
    node: "pve1",
    template: "nixos",
    access: { sshKeys: [key] },
    disks: [{ slot: "virtio0", sizeGiB: 8, datastore: "local-lvm" }],
  });
  await cp(join(import.meta.dirname, "../../scripts/hooks"), join(root, "scripts/hooks"), {
    recursive: true,
  });
}

function startProgram(root: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
  return execa(process.execPath, [program, "os", ...words], {
    cwd: root,
    env: environment,
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: 55_000,
  });
}
