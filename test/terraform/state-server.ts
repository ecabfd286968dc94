import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** A backend of type "http" on loopback, with locks that outlive their owners. */
export interface StateServer {
  /** The backend's settings. */
  readonly backend: { readonly http: Readonly<Record<string, string>> };
  /** The lock that is held, as its owner described it; undefined when there is none. */
  lock(): { readonly ID: string; readonly Who: string } | undefined;
  /** Takes the lock as somebody else would. */
  hold(lock: object): void;
}

/** Starts a server that keeps one state; it ends with the test. */
export async function startStateServer(): Promise<StateServer> {
  let state = "";
  let lock: string | undefined;
  const answers: Readonly<Record<string, (body: string) => [status: number, body: string]>> = {
    GET: () => (state === "" ? [404, ""] : [200, state]),
    POST: (body) => {
      state = body;
      return [200, ""];
    },
    LOCK: (body) => {
      if (lock !== undefined) return [423, lock];
      lock = body;
      return [200, ""];
    },
    UNLOCK: (body) => {
      if (lock === undefined || JSON.parse(lock).ID !== JSON.parse(body).ID) return [409, lock ?? ""];
      lock = undefined;
      return [200, ""];
    },
  };
  const server = createServer(async (request, response) => {
    const [status, body] = answers[request.method ?? ""]?.(await text(request)) ?? [405, ""];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const bound = server.address();
  const address = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : ""}/state`;
  const settings = { lock_method: "LOCK", unlock_method: "UNLOCK", lock_address: address };
  return {
    backend: { http: { address, ...settings, unlock_address: address } },
    lock: () => (lock === undefined ? undefined : JSON.parse(lock)),
    hold: (other) => {
      lock = JSON.stringify(other);
    },
  };
}
