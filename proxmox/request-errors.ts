import { NixherdError } from "../lib/errors.ts";
import { maskSecrets } from "../lib/mask-secrets.ts";

/** Error codes of Node's TLS that say the certificate, not the connection, is at fault. */
const certificateCode = /^(?:ERR_TLS_CERT|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** A connection that stood and ended without an answer: Node's codes and undici's. */
const brokenCodes: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** One node could not hand a request on to another, or to the API's workers: pveproxy 9.2, and whatever stands before it. */
const lostStatuses: ReadonlySet<number> = new Set([502, 503, 504, 596, 599]);

/** What went wrong before there was an answer. */
export function connectionError(host: string, timeoutMs: number, cause: unknown): NixherdError {
  if (cause instanceof NixherdError) return cause;
  const { code = "", message = String(cause), name = "" } = cause as Partial<NodeJS.ErrnoException>;
  if (certificateCode.test(code)) {
    return new NixherdError("TLS_NOT_TRUSTED", {
      message: `The certificate of Proxmox VE at ${host} is not trusted: ${message}.`,
      hint: "Name its CA in SSL_CERT_FILE (a PEM file) and use the host name that the certificate is for.",
      cause,
    });
  }
  if (brokenCodes.has(code))
    return lost(`The connection to Proxmox VE at ${host} broke: ${maskSecrets(message)}.`, cause);
  const reason =
    name === "TimeoutError" ? `no answer within ${timeoutMs / 1000} s` : reasonOf(cause, message);
  return new NixherdError("CLUSTER_UNREACHABLE", {
    message: `Proxmox VE at ${host} cannot be asked: ${maskSecrets(reason)}.`,
    hint: "Check PROXMOX_VE_ENDPOINT and that the API's port can be reached from here.",
    cause,
  });
}

/** A name with several addresses fails once per address, with an empty message around. */
function reasonOf(cause: unknown, message: string): string {
  const reasons =
    cause instanceof AggregateError ? cause.errors.map((error: Error) => error.message) : [message];
  return reasons.join("; ") || "unknown";
}

interface BadAnswer {
  readonly statusCode: number;
  readonly reason: string;
  readonly body: string;
}

interface AskedFor {
  readonly method: string;
  readonly path: string;
}

/** What an answer means that holds no data. */
export function answerError({ method, path }: AskedFor, answer: BadAnswer): NixherdError {
  const { statusCode, reason, body } = answer;
  if (statusCode === 401) {
    return new NixherdError("WRONG_TOKEN", {
      message: `Proxmox VE refused the API token: ${reason}`,
      hint: "Set PROXMOX_VE_API_TOKEN to user@realm!id=uuid of a token that exists and has not expired.",
    });
  }
  if (statusCode === 403) {
    return new NixherdError("NO_PERMISSION", {
      message: `The API token may not ${method === "GET" ? "read" : "change"} ${path}: ${reason}`,
      hint: "Give its user and the token the role that the README describes.",
    });
  }
  if (lostStatuses.has(statusCode)) {
    return lost(`The request for ${path} got lost in the cluster: ${statusCode} ${maskSecrets(reason)}`);
  }
  if (statusCode === 500 && /got (?:lock )?(?:request )?timeout/.test(reason)) {
    return new NixherdError("LOCK_TIMEOUT", {
      message: `Proxmox VE could not get a lock for ${path}: ${maskSecrets(reason)}`,
      hint: "Look for tasks that hold the machine or its storage, then run the command again.",
    });
  }
  if (statusCode === 200) return noData(path);
  return failed(path, [statusCode, reason, ...parameterErrors(body)].join(" "));
}

function lost(message: string, cause?: unknown): NixherdError {
  return new NixherdError("CONNECTION_LOST", {
    message,
    hint: "Check the network between here and the nodes, then run the command again.",
    cause,
  });
}

/** An answer that says nothing where something was asked for. */
export function noData(path: string): NixherdError {
  return failed(path, "an answer without data");
}

function failed(path: string, words: string): NixherdError {
  return new NixherdError("PROXMOX_API_FAILED", {
    message: `Proxmox VE answered the request for ${path} with ${maskSecrets(words)}`,
    hint: "Check that the endpoint is Proxmox VE's API, and look into the journal of the node.",
  });
}

/** `errors` of a 400: one text per parameter. */
function parameterErrors(body: string): string[] {
  const { errors } = parseObject(body) ?? {};
  if (typeof errors !== "object" || errors === null) return [];
  return Object.entries(errors).map(([parameter, text]) => `${parameter}: ${text}`);
}

/** The JSON object of an answer's body; undefined when it is none, as behind a server that is no Proxmox VE. */
export function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
