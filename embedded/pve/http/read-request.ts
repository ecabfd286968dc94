import type { IncomingMessage } from "node:http";
import type { FileContent } from "../state/file-content.ts";
import { refusal } from "./api-error.ts";
import { isUpload, readUpload } from "./read-upload.ts";

/** What a request asks for. */
export interface ApiRequest {
  readonly method: string;
  /** Path below `/api2/json`, decoded, as the log and 501 texts show it. */
  readonly path: string;
  readonly segments: readonly string[];
  /** Query and body parameters; a name sent twice holds both values, joined by a NUL as Proxmox VE does. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The file that an upload brought. */
  readonly file?: FileContent;
}

/** Bodies beyond this are refused; the largest the provider sends is some 10 KB. */
const maxBodyBytes = 1024 * 1024;

/**
 * Reads a request's body as text.
 *
 * @throws ApiError 413 beyond 1 MiB.
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  // Answered only after all of it came: a client that is still sending would not see the answer.
  if (size > maxBodyBytes) throw refusal(413, "Request Entity Too Large");
  return Buffer.concat(chunks).toString("utf8");
}

function addAll(parameters: Record<string, string>, search: URLSearchParams): void {
  for (const [name, value] of search) {
    const before = parameters[name];
    parameters[name] = before === undefined ? value : `${before}\0${value}`;
  }
}

function jsonParameters(body: string): Record<string, string> {
  const value: unknown = JSON.parse(body === "" ? "{}" : body);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal(400, "request body is no JSON object");
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([name, item]) => [name, Array.isArray(item) ? item.join("\0") : toText(item)]),
  );
}

function toText(value: unknown): string {
  if (value === true) return "1";
  if (value === false) return "0";
  return String(value);
}

function decodeSegments(path: string): string[] {
  try {
    return path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent);
  } catch (error) {
    throw refusal(400, `bad request path: ${error instanceof Error ? error.message : error}`);
  }
}

const prefix = "/api2/json";

/**
 * Reads path and parameters of a request; segments are decoded after the split, so that `%2F` stays inside one.
 *
 * @throws ApiError 501 outside `/api2/json`, 413 for a body over 1 MiB, 400 for a body or an upload that cannot be read.
 */
export async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const [pathname = "", query = ""] = (request.url ?? "").split(/\?(.*)/s);
  const method = request.method ?? "GET";
  if (!pathname.startsWith(prefix)) throw refusal(501, `no such file '${pathname}'`);
  const segments = decodeSegments(pathname.slice(prefix.length));
  const parameters: Record<string, string> = {};
  addAll(parameters, new URLSearchParams(query));
  const target = { method, path: `/${segments.join("/")}`, segments };
  if (isUpload(request)) {
    const { file, parameters: fields } = await readUpload(request);
    const all = { ...parameters, ...fields };
    return file === undefined ? { ...target, parameters: all } : { ...target, parameters: all, file };
  }
  const body = await readBody(request);
  if (request.headers["content-type"]?.startsWith("application/json"))
    Object.assign(parameters, parseJson(body));
  else addAll(parameters, new URLSearchParams(body));
  return { ...target, parameters };
}

function parseJson(body: string): Record<string, string> {
  try {
    return jsonParameters(body);
  } catch (error) {
    if (error instanceof SyntaxError) throw refusal(400, "malformed JSON string in request body");
    throw error;
  }
}
