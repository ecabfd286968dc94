import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A server for Terraform's backend "http" on loopback: a state and a lock for each path, kept in memory. */
export interface StateServer {
  /** Such as "http://127.0.0.1:4711". */
  readonly address: string;
  /** The states by name, as text. */
  readonly states: Map<string, string>;
  /** The locks by name, as their owners described them; a lock outlives its owner. */
  readonly locks: Map<string, string>;
  /** Called with a state's name before it is locked. */
  onLock: (name: string) => void;
  close(): void;
}

export async function startStateServer(): Promise<StateServer> {
  const states = new Map<string, string>();
  const locks = new Map<string, string>();
  const answer = (
    method: string,
    name: string,
    body: string,
  ): [status: number, body?: string | undefined] => {
    const lock = locks.get(name);
    switch (method) {
      case "GET":
        return states.has(name) ? [200, states.get(name)] : [404];
      case "POST":
        states.set(name, body);
        return [200];
      case "LOCK":
        if (lock !== undefined) return [423, lock];
        locks.set(name, body);
        return [200];
      case "UNLOCK":
        if (lock === undefined || JSON.parse(lock).ID !== JSON.parse(body).ID) return [409, lock];
        locks.delete(name);
        return [200];
      default:
        return [405];
    }
  };
  const http = createServer(async (request, response) => {
    const name = (request.url ?? "").slice(1).replace(/\?.*/, "");
    if (request.method === "LOCK") server.onLock(name);
    const [status, body] = answer(request.method ?? "", name, await text(request));
    response.writeHead(status).end(body);
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const server: StateServer = {
    address: `http://127.0.0.1:${port}`,
    states,
    locks,
    onLock: () => undefined,
    close: () => {
      http.closeAllConnections();
      http.close();
    },
  };
  return server;
}
