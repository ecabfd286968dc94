import { existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import ssh2, { type AuthContext, type Connection } from "ssh2";
import { acceptsKey } from "./accepts-key.ts";
import { openSession } from "./ssh-session.ts";

interface SshServerOptions {
  /** OpenSSH private key. */
  readonly hostKey: string;
  readonly user: string;
  /** Files with one public key a line; read at each login, since the machine changes them. */
  readonly authorizedKeyFiles: readonly string[];
  /** Further public keys that may log in. */
  readonly keys: readonly string[];
  /** The folder that stands for the machine's `/`. */
  readonly root: string;
  readonly log: (line: string) => void;
}

/** A machine's SSH server, listening on 127.0.0.1. */
export interface SshServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the SSH server of a machine on any free port of the loopback interface. Keys only; commands only, no shell with a terminal. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [options.hostKey], ident: "nixherd-embedded" }, (connection) => {
    connections.add(connection);
    if (isCutOff(options.root)) connection.end();
    connection
      .on("authentication", (context) => authenticate(context, options))
      .on("session", (accept, reject) => (isCutOff(options.root) ? reject() : openSession(accept(), options)))
      .on("error", (error) => options.log(`ssh connection: ${error.message}`))
      .on("close", () => connections.delete(connection));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const connection of connections) connection.end();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function authenticate(context: AuthContext, options: SshServerOptions): void {
  if (isAllowed(context, options)) context.accept();
  else context.reject(["publickey"]);
}

/** A machine that hangs or restarts, or whose running system breaks its network: nobody gets through. */
function isCutOff(root: string): boolean {
  return (
    ["frozen", "restarting"].some((name) => existsSync(join(root, "run", name))) || breaks(root, "network")
  );
}

function breaks(root: string, what: "network" | "sshd"): boolean {
  const file = join(root, "run/current-system/breaks");
  return existsSync(file) && readFileSync(file, "utf8").trim() === what;
}

function isAllowed(context: AuthContext, options: SshServerOptions): boolean {
  if (context.username !== options.user || breaks(options.root, "sshd")) return false;
  const files = options.authorizedKeyFiles.filter((file) => existsSync(file));
  const lines = files.flatMap((file) => readFileSync(file, "utf8").split("\n"));
  return acceptsKey(context, [...options.keys, ...lines]);
}
