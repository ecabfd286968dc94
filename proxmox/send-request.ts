import { Agent, type Dispatcher, FormData } from "undici";
import type { ProxmoxAccess } from "./access.ts";
import { answerError, connectionError, parseObject } from "./request-errors.ts";
import { trustedRoots } from "./trusted-roots.ts";

export type Parameters = Readonly<Record<string, string | number>>;

export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api2/json/`; values in it are percent-encoded. */
  readonly path: string;
  readonly query?: Parameters;
  /** Of a POST or PUT: form fields, or a form with a file in it. */
  readonly body?: Parameters | FormData;
  /** Deadline of the whole request. */
  readonly timeoutMs: number;
  /** Cuts the request off when it aborts. */
  readonly interrupt?: AbortSignal;
}

interface Answer {
  readonly statusCode: number;
  /** The reason phrase: Proxmox VE puts its error messages there. */
  readonly reason: string;
  readonly body: string;
}

const connectTimeoutMs = 10_000;

/** Largest answer; a list of 10,000 machines has about 5 MB. */
const mostAnswerBytes = 64 * 1024 * 1024;

/** The connections of one client. */
export function openConnections(access: ProxmoxAccess): Agent {
  return new Agent({
    connect: {
      timeout: connectTimeoutMs,
      ...(access.isInsecure ? { rejectUnauthorized: false } : { ca: trustedRoots(access.caFile) }),
    },
    maxResponseSize: mostAnswerBytes,
    connections: 8,
  });
}

/**
 * Sends one request and gives the answer's `data`, which may be null.
 * @throws CLUSTER_UNREACHABLE, TLS_NOT_TRUSTED, WRONG_TOKEN, NO_PERMISSION, PROXMOX_API_FAILED
 */
export async function sendRequest(
  agent: Dispatcher,
  access: ProxmoxAccess,
  request: Request,
): Promise<unknown> {
  const { host } = new URL(access.endpoint);
  const answer = await send(agent, access, request).catch((cause: unknown) => {
    throw connectionError(host, request.timeoutMs, cause);
  });
  if (answer.statusCode !== 200) throw answerError(request, answer);
  const parsed = parseObject(answer.body);
  if (parsed === undefined || parsed["data"] === undefined) throw answerError(request, answer);
  return parsed["data"];
}

async function send(agent: Dispatcher, access: ProxmoxAccess, request: Request): Promise<Answer> {
  const { method, path, query = {}, body, timeoutMs, interrupt } = request;
  const deadline = AbortSignal.timeout(timeoutMs);
  const form = body === undefined || body instanceof FormData ? body : encodeForm(body);
  const answer = await agent.request({
    origin: access.endpoint,
    path: `/api2/json/${path}`,
    query,
    method,
    headers: {
      accept: "application/json",
      authorization: `PVEAPIToken=${access.token}`,
      ...(typeof form === "string" ? { "content-type": "application/x-www-form-urlencoded" } : {}),
    },
    ...(form === undefined ? {} : { body: form }),
    // The deadline counts, not a pause: a large file takes longer to send than undici waits for an answer.
    headersTimeout: 0,
    bodyTimeout: 0,
    signal: interrupt === undefined ? deadline : AbortSignal.any([deadline, interrupt]),
  });
  return { statusCode: answer.statusCode, reason: answer.statusText, body: await answer.body.text() };
}

function encodeForm(parameters: Parameters): string {
  return new URLSearchParams(
    Object.entries(parameters).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
}
