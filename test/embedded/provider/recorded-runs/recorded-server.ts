import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "selfsigned";
import { AnswerBook, type AnswerRules } from "./answer-book.ts";
import type { RecordedCall } from "./recording.ts";

/** One request that arrived. */
export interface ReceivedCall {
  readonly call: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A server that gives recorded answers. */
export interface RecordedServer {
  readonly endpoint: string;
  /** Loads the answers of the next phase and forgets what was received. */
  readonly load: (calls: readonly RecordedCall[]) => void;
  readonly received: () => readonly ReceivedCall[];
  /** Runs something at the request with this number, counted from 1, and answers that after it. */
  readonly onCall: (number: number, action: () => void) => void;
  readonly close: () => Promise<void>;
}

/** Starts a server on loopback with a certificate of its own. */
export async function startRecordedServer(rules: AnswerRules): Promise<RecordedServer> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
  });
  let book = new AnswerBook([], rules);
  let received: ReceivedCall[] = [];
  const actions = new Map<number, () => void>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "", "https://localhost");
    const path = decodeURIComponent(url.pathname).slice("/api2/json/".length);
    const form = new URLSearchParams(await text(request));
    const parameters = Object.fromEntries([...url.searchParams, ...form]);
    const call = `${request.method} ${path}`;
    received.push({ call, parameters });
    actions.get(received.length)?.();
    const found = book.take(call, parameters);
    await sleep((found.durationMs ?? 0) * (rules.timeScale ?? 0));
    send(response, found);
  };
  const server = createServer({ key, cert }, (request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await listen(server);
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    load: (calls) => {
      book = new AnswerBook(calls, rules);
      received = [];
      actions.clear();
    },
    received: () => received,
    onCall: (number, action) => {
      actions.set(number, action);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, { status = 200, reason = "OK", body }: RecordedCall): void {
  response.writeHead(status, reason, { "Content-Type": "application/json" });
  response.end(body === null ? "" : JSON.stringify(body ?? { data: null }));
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve());
  });
}
