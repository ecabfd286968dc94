import { existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import ssh2, { type AuthContext, type Connection, type ParsedKey } from "ssh2";
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

/** A key may be offered without a signature first: the answer to that only says which key the client should sign with. */
function isAllowed(context: AuthContext, options: SshServerOptions): boolean {
  if (context.method !== "publickey" || context.username !== options.user) return false;
  if (breaks(options.root, "sshd")) return false;
  const { algo, data } = context.key;
  const type = algo.replace(/^rsa-sha2-(256|512)$/, "ssh-rsa");
  const key = authorizedKeys(options).find((each) => each.type === type && each.getPublicSSH().equals(data));
  if (key === undefined) return false;
  if (context.blob === undefined || context.signature === undefined) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

/** Keys of types that ssh2 cannot check (security keys) are left out: they could never log in here. */
function authorizedKeys(options: SshServerOptions): ParsedKey[] {
  const files = options.authorizedKeyFiles.filter((file) => existsSync(file));
  const lines = files.flatMap((file) => readFileSync(file, "utf8").split("\n"));
  return [...options.keys, ...lines].flatMap((line) => {
    const key = line.trim() === "" ? undefined : ssh2.utils.parseKey(line);
    return key === undefined || key instanceof Error ? [] : [key];
  });
}
