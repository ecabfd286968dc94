import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { ApiError } from "./api-error.ts";
import { type Connection, maxConnections } from "./connection.ts";
import { type Deadline, DeadlineExceeded, pause } from "./deadline.ts";
import { nameProblem } from "./name-problem.ts";
import { ConnectionFailure, describeNetworkError, isCertificateError } from "./network-error.ts";

/** One request. */
export interface Call {
  readonly method: string;
  /** The path under /api2/json with its query, percent-encoded. */
  readonly target: string;
  /** The encoded form; "" sends no body. */
  readonly form: string;
  /** A body of another kind in place of the form. */
  readonly body?: StreamedBody | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly deadline: Deadline;
}

/** A body that is read from somewhere while it is sent. */
export interface StreamedBody {
  readonly contentType: string;
  readonly lengthBytes: number;
  readonly open: () => Readable;
}

/** An answer of any status. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
}

/** How often a read is tried when the network fails. */
const readAttempts = 3;

/**
 * Sends a request; reads are tried three times when the network fails, everything else once.
 * Throws ApiError (status 0) or DeadlineExceeded, both naming the URL.
 * Public source: bpg/proxmox 0.111.1, DoRequest.
 */
export async function send(connection: Connection, call: Call): Promise<Answer> {
  const attempts = call.method === "GET" ? readAttempts : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (attempt > 1) await pause(100 * 2 ** (attempt - 2), call.deadline);
      return await sendOverOpen(connection, call);
    } catch (error) {
      if (attempt >= attempts || call.deadline.signal.aborted)
        throw await networkFailure(connection, call, error);
    }
  }
}

/**
 * Like Go's client: a read whose connection had carried another request, and breaks, goes over the next one without
 * a word. Public source: Go 1.26, net/http, shouldRetryRequest.
 */
async function sendOverOpen(connection: Connection, call: Call): Promise<Answer> {
  for (let open = maxConnections; ; open -= 1) {
    try {
      return await sendOnce(connection, call);
    } catch (error) {
      const isStale = error instanceof ConnectionFailure && error.isReused && call.method === "GET";
      if (!isStale || open === 0 || call.deadline.signal.aborted) throw error;
    }
  }
}

async function sendOnce(connection: Connection, call: Call): Promise<Answer> {
  const headers = { ...call.headers, ...bodyHeaders(call) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(`${connection.endpoint}/api2/json/${call.target}`, {
      method: call.method,
      headers,
      agent: connection.agent,
      signal: call.deadline.signal,
    });
    const ends = followEnds(outgoing);
    outgoing.on("response", resolve).on("error", (error) => {
      reject(new ConnectionFailure(error, outgoing.reusedSocket, ends()));
    });
    if (call.body === undefined) outgoing.end(call.form);
    else pipeline(call.body.open(), outgoing).catch(reject);
  });
  const body = (await buffer(response)).toString("utf8");
  return { status: response.statusCode ?? 0, reason: response.statusMessage ?? "", body };
}

/** Both addresses of a request's connection; a socket that is closed does not know them any more. */
function followEnds(outgoing: ClientRequest): () => string | undefined {
  let ends: string | undefined;
  outgoing.on("socket", (socket) => {
    const read = (): void => {
      const { localAddress, localPort, remoteAddress, remotePort } = socket;
      ends = `${localAddress}:${localPort}->${remoteAddress}:${remotePort}`;
    };
    if (socket.connecting) socket.once("connect", read);
    else read();
  });
  return () => ends;
}

function bodyHeaders({ method, form, body }: Call): Readonly<Record<string, string | number>> {
  if (body !== undefined) return { "Content-Type": body.contentType, "Content-Length": body.lengthBytes };
  return {
    ...(form === "" ? {} : { "Content-Type": "application/x-www-form-urlencoded" }),
    ...(method === "GET" ? {} : { "Content-Length": Buffer.byteLength(form) }),
  };
}

async function networkFailure(connection: Connection, call: Call, error: unknown): Promise<Error> {
  const verb = call.method.charAt(0) + call.method.slice(1).toLowerCase();
  const url = `${connection.endpoint}/api2/json/${call.target}`;
  const isOver = call.deadline.signal.aborted;
  const cause = isOver ? "context deadline exceeded" : await describeFailure(connection, call, error);
  const message = `failed to perform HTTP ${call.method} request (path: ${call.target}) - Reason: ${verb} "${url}": ${cause}`;
  return isOver ? new DeadlineExceeded(message, { cause: error }) : new ApiError(0, message);
}

async function describeFailure(
  { endpoint }: Connection,
  { deadline }: Call,
  error: unknown,
): Promise<string> {
  const problem = isCertificateError(error) ? await nameProblem(endpoint, deadline) : undefined;
  return problem === undefined
    ? describeNetworkError(error)
    : `tls: failed to verify certificate: ${problem}`;
}

/** The answer's JSON; undefined when it is none, as with the HTML of a proxy. */
export function parseBody({ body }: Answer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
