import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { buffer } from "node:stream/consumers";
import { ApiError } from "./api-error.ts";
import type { Connection } from "./connection.ts";
import { type Deadline, DeadlineExceeded } from "./deadline.ts";
import { describeNetworkError } from "./network-error.ts";

/** One request. */
export interface Call {
  readonly method: string;
  /** The path under /api2/json with its query, percent-encoded. */
  readonly target: string;
  /** The encoded form; "" sends no body. */
  readonly form: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly deadline: Deadline;
}

/** An answer of any status. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
}

/**
 * Sends a request; reads are tried three times when the network fails, everything else once.
 * Throws ApiError (status 0) or DeadlineExceeded, both naming the URL.
 */
export async function send(connection: Connection, call: Call): Promise<Answer> {
  const attempts = call.method === "GET" ? 3 : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(connection, call);
    } catch (error) {
      if (attempt >= attempts || call.deadline.signal.aborted) throw networkFailure(connection, call, error);
    }
  }
}

async function sendOnce(connection: Connection, call: Call): Promise<Answer> {
  const headers = {
    ...call.headers,
    ...(call.form === "" ? {} : { "Content-Type": "application/x-www-form-urlencoded" }),
    ...(call.method === "GET" ? {} : { "Content-Length": Buffer.byteLength(call.form) }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(`${connection.endpoint}/api2/json/${call.target}`, {
      method: call.method,
      headers,
      agent: connection.agent,
      signal: call.deadline.signal,
    });
    outgoing.on("response", resolve).on("error", reject).end(call.form);
  });
  const body = (await buffer(response)).toString("utf8");
  return { status: response.statusCode ?? 0, reason: response.statusMessage ?? "", body };
}

function networkFailure(connection: Connection, call: Call, error: unknown): Error {
  const verb = call.method.charAt(0) + call.method.slice(1).toLowerCase();
  const url = `${connection.endpoint}/api2/json/${call.target}`;
  const isOver = call.deadline.signal.aborted;
  const cause = isOver ? "context deadline exceeded" : describeNetworkError(error);
  const message = `failed to perform HTTP ${call.method} request (path: ${call.target}) - Reason: ${verb} "${url}": ${cause}`;
  return isOver ? new DeadlineExceeded(message, { cause: error }) : new ApiError(0, message);
}

/** The answer's JSON; undefined when it is none, as with the HTML of a proxy. */
export function parseBody({ body }: Answer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
