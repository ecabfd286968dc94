import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { NixherdError } from "../../../lib/errors.ts";
import type { Cluster } from "../state/cluster.ts";
import { answerRequest, type RequestRecord } from "./answer-request.ts";
import type { ServerCertificate } from "./create-certificate.ts";

interface ListenOptions {
  readonly cluster: Cluster;
  readonly certificate: ServerCertificate;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly record: (entry: RequestRecord) => void;
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
 * @throws NixherdError EMBEDDED_FAILED when the port cannot be taken.
 */
export async function listenHttps(options: ListenOptions): Promise<Listening> {
  const { cluster, certificate, host, port, record } = options;
  const tls = { key: certificate.keyPem, cert: certificate.certPem, minVersion: "TLSv1.3" } as const;
  const server = createServer(tls, (request, response) => {
    void answerRequest(cluster, request, response, record);
  });
  // A client that sends on a connection which the server is just closing sees its request fail.
  server.keepAliveTimeout = keepAliveMs;
  const opened = Promise.withResolvers<void>();
  server.once("listening", opened.resolve);
  server.once("error", opened.reject);
  server.listen(port, host);
  try {
    await opened.promise;
  } catch (cause) {
    throw new NixherdError("EMBEDDED_FAILED", {
      message: `The embedded Proxmox VE cannot listen on ${host}:${port}.`,
      hint: "Choose another port, or 0 for any free one.",
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
