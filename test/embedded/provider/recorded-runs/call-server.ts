import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { generate } from "selfsigned";
import { requestParameters } from "./request-parameters.ts";

/** A request as it arrived. */
export interface ReceivedCall {
  /** "GET nodes/pve/qemu", the path decoded and relative to /api2/json. */
  readonly call: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly request: RawRequest;
  /** What it was answered; absent while it is not. */
  answer?: CallAnswer;
}

interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** An answer. */
export interface CallAnswer {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
}

/** A server on loopback that keeps what it was asked. */
export interface CallServer {
  readonly endpoint: string;
  /** Forgets what was received, and what was to be done. */
  readonly reset: () => void;
  readonly received: () => readonly ReceivedCall[];
  /** Does something at the request with this number, counted from 1, and answers that after it. */
  readonly onCall: (number: number, action: () => void | Promise<void>) => void;
  readonly close: () => Promise<void>;
}

// Like the recorded server's it has the address as its common name only.
const certificate = generate([{ name: "commonName", value: "127.0.0.1" }], {
  keyType: "ec",
  algorithm: "sha256",
  extensions: [{ name: "basicConstraints", cA: false }],
});

/** Starts a server that answers by `answer`. */
export async function startCallServer(
  answer: (call: ReceivedCall) => CallAnswer | Promise<CallAnswer>,
): Promise<CallServer> {
  const { private: key, cert } = await certificate;
  let received: ReceivedCall[] = [];
  const actions = new Map<number, () => void | Promise<void>>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(request);
    received.push(call);
    await actions.get(received.length)?.();
    call.answer = await answer(call);
    const { status, reason, body } = call.answer;
    response.writeHead(status, reason, { "Content-Type": "application/json" });
    response.end(body);
  };
  const server = createServer({ key, cert }, (request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await listen(server);
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    reset: () => {
      received = [];
      actions.clear();
    },
    received: () => received,
    onCall: (number, action) => {
      actions.set(number, action);
    },
    close: () => close(server),
  };
}

async function readCall(request: IncomingMessage): Promise<ReceivedCall> {
  const { method = "", url: target = "", headers } = request;
  const body = await text(request);
  const url = new URL(target, "https://localhost");
  const path = decodeURIComponent(url.pathname).slice("/api2/json/".length);
  return {
    call: `${method} ${path}`,
    parameters: requestParameters(url.searchParams, headers["content-type"], body),
    request: { method, url: target, headers, body },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
