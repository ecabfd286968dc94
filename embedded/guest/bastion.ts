import { connect } from "node:net";
import type { AuthContext, Connection, ServerChannel } from "ssh2";
import { acceptsKey } from "./accepts-key.ts";
import { listenForSsh, type SshListener } from "./listen-for-ssh.ts";
import type { GuestDoor } from "./ssh-config.ts";

interface BastionOptions {
  /** OpenSSH private key. */
  readonly hostKey: string;
  /** OpenSSH public key that may pass. */
  readonly publicKey: string;
  /** The machines that can be reached now. */
  readonly doors: () => readonly GuestDoor[];
  readonly log: (line: string) => void;
}

/** User that passes the bastion. */
export const bastionUser = "bastion";

/**
 * Starts the bastion, through which the machines are reached at their own addresses: for programs that read no
 * ssh_config, such as Packer. It leads to port 22 of the embedded machines and nowhere else, and runs no commands.
 */
export function startBastion(options: BastionOptions): Promise<SshListener> {
  const onConnection = (connection: Connection): void => {
    connection
      .on("authentication", (context) => authenticate(context, options))
      .on("tcpip", (accept, reject, { destIP, destPort }) => {
        const door = options.doors().find(({ addresses }) => addresses.includes(destIP));
        if (door === undefined || destPort !== 22) reject();
        else lead(accept(), door.port, options);
      });
  };
  return listenForSsh({ ...options, name: "bastion", onConnection });
}

function authenticate(context: AuthContext, { publicKey }: BastionOptions): void {
  if (context.username === bastionUser && acceptsKey(context, [publicKey])) context.accept();
  else context.reject(["publickey"]);
}

function lead(channel: ServerChannel, port: number, { log }: BastionOptions): void {
  const socket = connect(port, "127.0.0.1");
  socket.pipe(channel).pipe(socket);
  socket.on("error", (error) => {
    log(`bastion: ${error.message}`);
    channel.close();
  });
  channel.on("error", (error: Error) => log(`bastion: ${error.message}`)).on("close", () => socket.destroy());
}
