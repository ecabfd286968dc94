import { type AddressInfo, connect } from "node:net";
import ssh2, { type AuthContext, type Connection, type ServerChannel } from "ssh2";
import { acceptsKey } from "./accepts-key.ts";
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

/** An SSH server on 127.0.0.1 through which the machines are reached at their own addresses. */
export interface Bastion {
  readonly port: number;
  close(): Promise<void>;
}

/** User that passes the bastion. */
export const bastionUser = "bastion";

/**
 * Starts the bastion: for programs that read no ssh_config, such as Packer. It leads to port 22 of the embedded machines
 * and nowhere else, and runs no commands.
 */
export async function startBastion(options: BastionOptions): Promise<Bastion> {
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [options.hostKey], ident: "nixherd-embedded" }, (connection) => {
    connections.add(connection);
    connection
      .on("authentication", (context) => authenticate(context, options))
      .on("tcpip", (accept, reject, { destIP, destPort }) => {
        const door = options.doors().find(({ addresses }) => addresses.includes(destIP));
        if (door === undefined || destPort !== 22) reject();
        else lead(accept(), door.port, options);
      })
      .on("error", (error) => options.log(`bastion: ${error.message}`))
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
