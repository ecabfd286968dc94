import type { AddressInfo } from "node:net";
import ssh2, { type Connection } from "ssh2";

/** An SSH server on 127.0.0.1. */
export interface SshListener {
  readonly port: number;
  /** Ends every connection, too. */
  close(): Promise<void>;
}

interface ListenOptions {
  /** OpenSSH private key. */
  readonly hostKey: string;
  /** Begins the log line of a connection that failed. */
  readonly name: string;
  readonly log: (line: string) => void;
  /** Says what a new connection may do. */
  readonly onConnection: (connection: Connection) => void;
}

/** Listens for SSH on any free port of the loopback interface. */
export async function listenForSsh({
  hostKey,
  name,
  log,
  onConnection,
}: ListenOptions): Promise<SshListener> {
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey], ident: "nixherd-embedded" }, (connection) => {
    connections.add(connection);
    connection
      .on("error", (error) => log(`${name}: ${error.message}`))
      .on("close", () => connections.delete(connection));
    onConnection(connection);
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
