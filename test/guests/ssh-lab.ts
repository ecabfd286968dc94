import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2, { type Connection } from "ssh2";
import { createKeyPair } from "../../embedded/create-key-pair.ts";
import type { SshListener } from "../../embedded/guest/listen-for-ssh.ts";
import { startSshServer } from "../../embedded/guest/ssh-server.ts";
import type { Guest } from "../../guests/guest.ts";
import { findHostKey, type HostKey } from "../../guests/host-key.ts";

/** The machine of the laboratory. */
export const guest: Guest = {
  stack: "demo",
  vmId: 101,
  name: "web-1",
  address: "10.0.20.11",
  user: "root",
};

/** An embedded machine's SSH server, a user's keys, and an ssh configuration that leads there. */
export interface SshLab {
  readonly root: string;
  readonly server: SshListener;
  /** The machine's host key. */
  readonly hostKey: HostKey;
  /** Path of the private key that the machine accepts. */
  readonly keyFile: string;
  /** Makes another key pair; gives the private file's path. */
  newKey(name: string): Promise<string>;
  /** Writes an ssh configuration with these lines for the machine; gives its path. */
  config(lines: readonly string[], before?: readonly string[]): string;
  /** Lines that lead straight to the machine, with the key that it accepts. */
  readonly direct: readonly string[];
  stop(): Promise<void>;
}

/** Opens the laboratory in a temporary folder. */
export async function openSshLab(): Promise<SshLab> {
  const root = mkdtempSync(join(tmpdir(), "nixherd-ssh-"));
  const newKey: SshLab["newKey"] = async (name) => {
    await createKeyPair(join(root, name), name);
    return join(root, name);
  };
  const [keyFile, hostKeyFile] = [await newKey("id_user"), await newKey("host_key")];
  const machine = join(root, "machine");
  mkdirSync(join(machine, "tmp"), { recursive: true });
  const server = await startSshServer({
    hostKey: readFileSync(hostKeyFile, "utf8"),
    root: machine,
    user: "root",
    keys: [readFileSync(`${keyFile}.pub`, "utf8")],
    authorizedKeyFiles: [],
    log: () => undefined,
  });
  let written = 0;
  return {
    root,
    server,
    keyFile,
    newKey,
    hostKey: findHostKey(readFileSync(`${hostKeyFile}.pub`, "utf8")) ?? "",
    direct: ["HostName 127.0.0.1", `Port ${server.port}`, `IdentityFile "${keyFile}"`, "IdentityAgent none"],
    config(lines, before = []) {
      written += 1;
      const file = join(root, `ssh_config-${written}`);
      writeFileSync(file, [...before, `Host ${guest.address}`, ...lines, ""].join("\n"));
      return file;
    },
    stop: async () => {
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A bastion: it forwards connections and does nothing else. Tells where connections were asked to go. */
export async function startBastion(
  lab: SshLab,
): Promise<{ port: number; asked: string[]; stop: () => void }> {
  const hostKey = readFileSync(await lab.newKey("bastion_key"), "utf8");
  const asked: string[] = [];
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connections.add(connection);
    connection.on("authentication", (context) => context.accept());
    connection.on("error", () => connection.end());
    connection.on("tcpip", (accept, _, { destIP, destPort }) => {
      asked.push(`${destIP}:${destPort}`);
      const channel = accept();
      const socket = connectTcp(destPort, destIP);
      socket.on("error", () => channel.end());
      channel.on("error", () => socket.end());
      channel.pipe(socket).pipe(channel);
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null && "port" in address ? address.port : 0,
    asked,
    stop: () => {
      for (const connection of connections) connection.end();
      server.close();
    },
  };
}
