import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AgentError } from "../pve/guest-port.ts";
import type { AgentPrograms } from "./agent-programs.ts";
import type { CloudInit, GuestInterface } from "./cloud-init.ts";

/** What the agent of one machine answers from. */
export interface AgentView {
  /** The folder that stands for the machine's `/`. */
  readonly root: string;
  readonly cloudInit: CloudInit;
  readonly programs: AgentPrograms;
  /** Size of the root file system. */
  readonly rootBytes: number;
}

type AgentCommand = (machine: AgentView, params: Readonly<Record<string, unknown>>) => unknown;

/** The commands that the stand-in of the QEMU guest agent knows, with the return values of the real one. */
const agentCommands: Readonly<Record<string, AgentCommand>> = {
  ping: () => ({}),
  info: () => ({ version: "10.0.0", supported_commands: Object.keys(agentCommands).sort().map(commandInfo) }),
  "get-host-name": ({ cloudInit }) => ({ "host-name": cloudInit.hostName }),
  "get-osinfo": () => ({
    id: "nixos",
    name: "NixOS",
    "pretty-name": "NixOS 26.05 (embedded)",
    version: "26.05 (embedded)",
    "version-id": "26.05",
    machine: "x86_64",
    "kernel-release": "embedded",
    "kernel-version": "embedded",
  }),
  "network-get-interfaces": ({ cloudInit }) => [loopback, ...cloudInit.interfaces].map(interfaceAnswer),
  "get-fsinfo": ({ rootBytes }) => [
    { ...rootFileSystem, "total-bytes": rootBytes, "used-bytes": Math.floor(rootBytes / 2) },
  ],
  "get-time": () => Date.now() * 1_000_000,
  "get-timezone": () => ({ offset: 0, zone: "UTC" }),
  "get-users": () => [],
  "fsfreeze-status": () => "thawed",
  "file-read": ({ root }, params) => readInside(root, String(params["file"] ?? "")),
  "file-write": ({ root }, params) => writeInside(root, params),
  exec: async ({ programs }, params) => ({
    pid: await programs.start(words(params["command"]), String(params["input-data"] ?? "")),
  }),
  "exec-status": ({ programs }, params) => programs.status(Number(params["pid"])),
};

function commandInfo(command: string): unknown {
  return { name: `guest-${command}`, enabled: true, "success-response": true };
}

function words(command: unknown): string[] {
  return Array.isArray(command) ? command.map(String) : [String(command ?? "")];
}

const rootFileSystem = {
  name: "vda1",
  mountpoint: "/",
  type: "ext4",
  disk: [
    {
      "bus-type": "virtio",
      bus: 0,
      dev: "/dev/vda1",
      target: 0,
      unit: 0,
      "pci-controller": { domain: 0, bus: 0, slot: 10, function: 0 },
    },
  ],
};

const loopback: GuestInterface = {
  name: "lo",
  mac: "00:00:00:00:00:00",
  addresses: [
    { address: "127.0.0.1", prefix: 8 },
    { address: "::1", prefix: 128 },
  ],
};

/** Runs one agent command; one that the stand-in does not know is answered as a guest does that has it switched off. */
export async function runAgentCommand(
  machine: AgentView,
  command: string,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const run = agentCommands[command];
  if (run === undefined) throw new AgentError(`The command guest-${command} has not been found`);
  return run(machine, params);
}

function interfaceAnswer({ name, mac, addresses }: GuestInterface): unknown {
  return {
    name,
    "hardware-address": mac,
    "ip-addresses": addresses.map(({ address, prefix }) => ({
      "ip-address": address,
      "ip-address-type": address.includes(":") ? "ipv6" : "ipv4",
      prefix,
    })),
    statistics: {
      "rx-bytes": 0,
      "rx-dropped": 0,
      "rx-errs": 0,
      "rx-packets": 0,
      "tx-bytes": 0,
      "tx-dropped": 0,
      "tx-errs": 0,
      "tx-packets": 0,
    },
  };
}

/** A path inside the machine as one outside; resolve() keeps it below the machine's own /. */
function outside(root: string, path: string): string {
  return join(root, resolve("/", path));
}

const fileProblems: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EISDIR: "Is a directory",
  ENOTDIR: "Not a directory",
};

function openError(path: string, mode: string, error: NodeJS.ErrnoException): AgentError {
  const reason = fileProblems[error.code ?? ""] ?? "No such file or directory";
  if (mode === "r" && error.code === "EISDIR")
    return new AgentError(`failed to read file: ${reason}`, { cause: error });
  return new AgentError(`failed to open file '${path}' (mode: '${mode}'): ${reason}`, { cause: error });
}

async function readInside(root: string, path: string): Promise<unknown> {
  const content = await readFile(outside(root, path), "utf8").catch((error: NodeJS.ErrnoException) => {
    throw openError(path, "r", error);
  });
  return { content, "bytes-read": Buffer.byteLength(content) };
}

/** Content comes as it is, or in base64 where the caller says so with `encode=0`. */
async function writeInside(root: string, params: Readonly<Record<string, unknown>>): Promise<void> {
  const path = String(params["file"] ?? "");
  const file = outside(root, path);
  await writeFile(
    file,
    Buffer.from(String(params["content"] ?? ""), params["encode"] === 0 ? "base64" : "utf8"),
  ).catch((error: NodeJS.ErrnoException) => {
    throw openError(path, "w", error);
  });
}
