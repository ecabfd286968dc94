import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { NixherdError } from "../../../lib/errors.ts";
import { takeFault } from "../faults/fault-state.ts";
import { answerRequest, type RequestContext } from "./answer-request.ts";
import type { ServerCertificate } from "./create-certificate.ts";
import { followConnections } from "./raw-connections.ts";

/** What a server listens with. */
export interface ListenOptions extends Omit<RequestContext, "resetConnection"> {
  readonly certificate: ServerCertificate;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  stop(): Promise<void>;
}

const keepAliveMs = 65_000;

/**
 * Serves the API over HTTPS (TLS 1.3, HTTP/1.1).
 *
 * @throws NixherdError EMBEDDED_PORT_TAKEN when the port cannot be taken.
 */
export async function listenHttps(options: ListenOptions): Promise<Listening> {
  const { cluster, certificate, host, port } = options;
  const tls = { key: certificate.keyPem, cert: certificate.certPem, minVersion: "TLSv1.3" } as const;
  const server = createServer(tls, (request, response) => {
    void answerRequest({ ...options, resetConnection }, request, response);
  });
  const isDropped = () =>
    takeFault(cluster.faults, ["tls-drop"], { nowMs: cluster.clock.nowMs() }) !== undefined;
  const connections = followConnections(server, isDropped);
  const resetConnection: RequestContext["resetConnection"] = ({ socket }) =>
    connections.reset(socket.remotePort);
  // A client that sends on a connection which the server is just closing sees its request fail.
  server.keepAliveTimeout = keepAliveMs;
  const opened = Promise.withResolvers<void>();
  server.once("listening", opened.resolve);
  server.once("error", opened.reject);
  server.listen(port, host);
  try {
    await opened.promise;
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? cause.code : String(cause);
    throw new NixherdError("EMBEDDED_PORT_TAKEN", {
      message: `The embedded Proxmox VE cannot listen on ${host}:${port} (${reason}).`,
      hint: "Choose another port, or leave it out to get a free one.",
      cause,
    });
  }
  return { port: (server.address() as AddressInfo).port, stop: () => stopServer(server) };
}

function stopServer(server: ReturnType<typeof createServer>): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  server.closeAllConnections();
  return closed.promise;
}
