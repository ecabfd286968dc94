import type { IncomingMessage, ServerResponse } from "node:http";
import { type Caller, createCaller } from "../access/caller.ts";
import { answerFaults } from "../faults/answer-faults.ts";
import { type CallFault, takeCallFaults } from "../faults/call-faults.ts";
import { faultsPath } from "../faults/faults-path.ts";
import { expireFaults } from "../faults/set-faults.ts";
import type { Cluster } from "../state/cluster.ts";
import { ApiError } from "./api-error.ts";
import { authenticate } from "./authenticate.ts";
import { checkMethodExists, dispatch } from "./dispatch.ts";
import { PlainAnswer } from "./plain-answer.ts";
import { type ApiRequest, readRequest } from "./read-request.ts";

/** One answered request, for logs. Holds neither headers nor parameters, so no secret. */
export interface RequestRecord {
  readonly method: string;
  /** Path below `/api2/json`, without the query. */
  readonly path: string;
  /** 0 when the connection was reset instead of an answer. */
  readonly status: number;
  readonly reason: string;
  readonly durationMs: number;
}

/** What requests are answered with. */
export interface RequestContext {
  readonly cluster: Cluster;
  readonly record: (entry: RequestRecord) => void;
  /** Resolves when what an answer tells is kept as well as it will be. */
  readonly settle: (isChange: boolean) => Promise<void> | void;
  /** Ends a request's connection as a host does that has crashed. */
  readonly resetConnection: (request: IncomingMessage) => void;
}

interface Answer {
  readonly status: number;
  readonly reason: string;
  /** undefined is an empty body. */
  readonly body: unknown;
}

/** The Server header says that this is not Proxmox VE. */
const headers = {
  Server: "nixherd-embedded-pve",
  "Content-Type": "application/json;charset=UTF-8",
  "Cache-Control": "max-age=0",
} as const;

function answerOf({ status, message, errors, isBare }: ApiError): Answer {
  if (isBare) return { status, reason: message, body: undefined };
  const text = status === 501 ? message : `${message}\n`;
  return {
    status,
    reason: message,
    body: { data: null, message: text, ...(errors === undefined ? {} : { errors }) },
  };
}

function callerOf(
  cluster: Cluster,
  request: IncomingMessage,
  apiRequest: ApiRequest,
): Promise<Caller> | Caller {
  const isLogin = apiRequest.method === "POST" && apiRequest.path === "/access/ticket";
  return isLogin ? createCaller("") : authenticate(cluster, request);
}

async function computeAnswer(
  cluster: Cluster,
  request: IncomingMessage,
  apiRequest: ApiRequest,
): Promise<Answer> {
  try {
    checkMethodExists(apiRequest);
    const caller = await callerOf(cluster, request, apiRequest);
    const data = await dispatch(cluster, caller, apiRequest);
    return {
      status: 200,
      reason: "OK",
      body: data instanceof PlainAnswer ? data.body : { data: data ?? null },
    };
  } catch (error) {
    if (error instanceof ApiError) return answerOf(error);
    throw error;
  }
}

/** A status line holds Latin-1 without control characters only. */
function toReasonPhrase(text: string): string {
  return text.replaceAll(/[^\t\u0020-\u007e\u00a0-\u00ff]+/g, " ").trim();
}

function write(response: ServerResponse, { status, reason, body }: Answer): void {
  response.writeHead(status, toReasonPhrase(reason), headers);
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** What comes in an answer's place; undefined resets the connection. */
function answerInstead({ answer }: CallFault): Answer | undefined {
  return answer === undefined ? undefined : answerOf(answer);
}

/** A client that gave up does not stop the server: the work is done all the same. */
async function delay({ cluster }: RequestContext, response: ServerResponse, ms: number): Promise<void> {
  if (ms === 0) return;
  const left = new AbortController();
  response.once("close", () => left.abort());
  try {
    await cluster.clock.sleep(ms, left.signal);
  } catch (error) {
    if (!left.signal.aborted) throw error;
  }
}

async function answerApi(
  context: RequestContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const { cluster, settle } = context;
  const apiRequest = await readRequest(request);
  const { latencyMs, fault } = takeCallFaults(cluster.faults, apiRequest, cluster.clock.nowMs());
  await delay(context, response, latencyMs);
  const isDone = fault?.afterWork !== false;
  const answer = isDone ? await computeAnswer(cluster, request, apiRequest) : undefined;
  // Faults count what they meet, reading calls too.
  await settle(apiRequest.method !== "GET" || cluster.faults.rules.length > 0);
  return fault === undefined ? answer : answerInstead(fault);
}

async function answerControl(context: RequestContext, request: IncomingMessage): Promise<Answer> {
  const body = await answerFaults(context.cluster, request);
  await context.settle(request.method !== "GET");
  return { status: 200, reason: "OK", body };
}

/** A fault of our own becomes a 500 that says so. */
async function answerOrExplain(
  context: RequestContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | undefined> {
  try {
    expireFaults(context.cluster);
    if (request.url === faultsPath) return await answerControl(context, request);
    return await answerApi(context, request, response);
  } catch (error) {
    if (error instanceof ApiError) return answerOf(error);
    const text = error instanceof Error ? error.message : String(error);
    return answerOf(new ApiError(500, `embedded server fault: ${text}`));
  }
}

/** Answers one HTTP request, or fails it as the faults in force ask for, and reports it. */
export async function answerRequest(
  context: RequestContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAt = performance.now();
  const answer = await answerOrExplain(context, request, response);
  if (answer === undefined) context.resetConnection(request);
  else write(response, answer);
  context.record({
    method: request.method ?? "GET",
    path: (request.url ?? "").replace(/\?.*$/s, "").replace(/^\/api2\/json/, ""),
    status: answer?.status ?? 0,
    reason: answer?.reason ?? "connection reset",
    durationMs: performance.now() - startedAt,
  });
}
