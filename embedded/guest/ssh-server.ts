import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthContext, Connection } from "ssh2";
import { acceptsKey } from "./accepts-key.ts";
import { listenForSsh, type SshListener } from "./listen-for-ssh.ts";
import { bootIdPath } from "./nixos/system-profile.ts";
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

/** Starts the SSH server of a machine on any free port of the loopback interface. Keys only; commands only, no shell with a terminal. */
export function startSshServer(options: SshServerOptions): Promise<SshListener> {
  const onConnection = (connection: Connection): void => {
    const boot = bootOf(options.root);
    // A connection ends with the boot that took it.
    const isGone = (): boolean => isCutOff(options.root) || bootOf(options.root) !== boot;
    if (isGone()) connection.end();
    connection
      .on("authentication", (context) => authenticate(context, options))
      .on("session", (accept) =>
        isGone() ? connection.end() : openSession(accept(), { ...options, isGone }),
      );
  };
  return listenForSsh({ ...options, name: "ssh connection", onConnection });
}

function authenticate(context: AuthContext, options: SshServerOptions): void {
  if (isAllowed(context, options)) context.accept();
  else context.reject(["publickey"]);
}

function bootOf(root: string): string | undefined {
  const file = join(root, bootIdPath);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
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
