import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A server for Terraform's http backend: a state and a lock for each path, kept in memory. */
export interface StateServer {
  /** Such as "http://127.0.0.1:4711". */
  readonly address: string;
  /** The states by name, as text. */
  readonly states: Map<string, string>;
  /** Called with a state's name before it is locked. */
  onLock: (name: string) => void;
  close(): void;
}

export async function startStateServer(): Promise<StateServer> {
  const states = new Map<string, string>();
  const locks = new Map<string, string>();
  const http = createServer(async (request, response) => {
    const name = (request.url ?? "").slice(1).replace(/\?.*/, "");
    const body = await textOf(request);
    const answer = (status: number, text = "") => response.writeHead(status).end(text);
    switch (request.method) {
      case "GET":
        return states.has(name) ? answer(200, states.get(name)) : answer(404);
      case "POST":
        states.set(name, body);
        return answer(200);
      case "LOCK":
        server.onLock(name);
        if (locks.has(name)) return answer(423, locks.get(name));
        locks.set(name, body);
        return answer(200);
      case "UNLOCK":
        locks.delete(name);
        return answer(200);
      default:
        return answer(405);
    }
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const server: StateServer = {
    address: `http://127.0.0.1:${port}`,
    states,
    onLock: () => undefined,
    close: () => http.close(),
  };
  return server;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
