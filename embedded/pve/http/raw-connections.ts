import type { Server } from "node:https";
import type { Socket } from "node:net";

/** The TCP connections under a server's TLS ones, which do what TLS does not allow. */
export interface RawConnections {
  /** Resets the connection that comes from a port: the other side gets no TLS alert and no end of the stream. */
  reset(remotePort: number | undefined): void;
}

/** Follows a server's connections; one for which `refuses` is true ends before its TLS handshake is answered. */
export function followConnections(server: Server, refuses: () => boolean): RawConnections {
  const sockets = new Map<number | undefined, Socket>();
  server.on("connection", (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.once("close", () => sockets.delete(remotePort));
    if (refuses()) socket.destroy();
  });
  return { reset: (remotePort) => void sockets.get(remotePort)?.resetAndDestroy() };
}
