import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AgentError } from "../pve/guest-port.ts";
import type { CloudInit, GuestInterface } from "./cloud-init.ts";

/** What the agent of one machine answers from. */
export interface AgentView {
  /** The folder that stands for the machine's `/`. */
  readonly root: string;
  readonly cloudInit: CloudInit;
}

type AgentCommand = (machine: AgentView, params: Readonly<Record<string, unknown>>) => unknown;

/** The commands that the stand-in of the QEMU guest agent knows, with the return values of the real one. */
const agentCommands: Readonly<Record<string, AgentCommand>> = {
  ping: () => ({}),
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
  "file-read": ({ root }, params) => readInside(root, String(params["file"] ?? "")),
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

async function readInside(root: string, path: string): Promise<unknown> {
  // resolve() keeps the path below the machine's own /.
  const file = join(root, resolve("/", path));
  const content = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "EACCES" ? "Permission denied" : "No such file or directory";
    throw new AgentError(`failed to open file '${path}' (mode: 'r'): ${reason}`, { cause: error });
  });
  return { content, "bytes-read": Buffer.byteLength(content) };
}
