import type { IncomingMessage, ServerResponse } from "node:http";
import { type Caller, createCaller } from "../access/caller.ts";
import type { Cluster } from "../state/cluster.ts";
import { ApiError } from "./api-error.ts";
import { authenticate } from "./authenticate.ts";
import { dispatch } from "./dispatch.ts";
import { PlainAnswer } from "./plain-answer.ts";
import { type ApiRequest, readRequest } from "./read-request.ts";

/** One answered request, for logs. Holds neither headers nor parameters, so no secret. */
export interface RequestRecord {
  readonly method: string;
  /** Path below `/api2/json`, without the query. */
  readonly path: string;
  readonly status: number;
  readonly reason: string;
  readonly durationMs: number;
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

async function readOrRefuse(request: IncomingMessage): Promise<ApiRequest | Answer> {
  try {
    return await readRequest(request);
  } catch (error) {
    if (error instanceof ApiError) return answerOf(error);
    throw error;
  }
}

/** Answers one HTTP request and reports it to `record`. A fault of our own becomes a 500 that says so. */
export async function answerRequest(
  cluster: Cluster,
  request: IncomingMessage,
  response: ServerResponse,
  record: (entry: RequestRecord) => void,
): Promise<void> {
  const startedAt = performance.now();
  let answer: Answer;
  try {
    const apiRequest = await readOrRefuse(request);
    answer = "segments" in apiRequest ? await computeAnswer(cluster, request, apiRequest) : apiRequest;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    answer = answerOf(new ApiError(500, `embedded server fault: ${text}`));
  }
  write(response, answer);
  record({
    method: request.method ?? "GET",
    path: (request.url ?? "").replace(/\?.*$/s, "").replace(/^\/api2\/json/, ""),
    status: answer.status,
    reason: answer.reason,
    durationMs: performance.now() - startedAt,
  });
}
