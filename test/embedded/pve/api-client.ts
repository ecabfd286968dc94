import { request } from "node:https";
import type { RunningPve } from "../../../embedded/pve/start-pve.ts";

/** One answer of the embedded server. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** Parsed JSON, or undefined for an empty body. */
  readonly body: unknown;
  /** The body's `data`. */
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A file that an upload brings. */
interface UploadedFile {
  readonly name: string;
  readonly content: Buffer;
}

export interface RequestOptions {
  /** A list is sent as one parameter of that name for each value. */
  readonly params?: Readonly<Record<string, string | number | readonly string[]>> | undefined;
  /** Send the parameters and this file as a form with several parts. */
  readonly file?: UploadedFile;
  readonly headers?: Readonly<Record<string, string>>;
  /** Send the parameters as a JSON body. */
  readonly isJson?: boolean;
}

/** Sends requests to one running server as one caller. */
export type ApiClient = (method: string, path: string, options?: RequestOptions) => Promise<Answer>;

function encode(params: RequestOptions["params"]): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params ?? {}))
    for (const item of typeof value === "object" ? value : [value]) search.append(key, String(item));
  return search.toString();
}

const boundary = "----------------------------nixherd-test";

function encodeForm(params: RequestOptions["params"], { name, content }: UploadedFile): Buffer {
  const fields = Object.entries(params ?? {}).map(
    ([key, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="${name}"\r\n`;
  const type = "Content-Type: application/octet-stream\r\n\r\n";
  return Buffer.concat([
    Buffer.from(fields.join("") + head + type),
    content,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

function bodyOf(options: RequestOptions): { readonly type: string; readonly body: string | Buffer } {
  const { params, file, isJson } = options;
  if (file !== undefined)
    return { type: `multipart/form-data; boundary=${boundary}`, body: encodeForm(params, file) };
  if (isJson) return { type: "application/json", body: JSON.stringify(params) };
  return { type: "application/x-www-form-urlencoded", body: encode(params) };
}

function send(pve: RunningPve, method: string, path: string, options: RequestOptions): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const isQuery = method === "GET" || method === "DELETE";
  const query = isQuery && options.params !== undefined ? `?${encode(options.params)}` : "";
  const { type, body } = bodyOf(options);
  const hasBody = !isQuery && (options.params !== undefined || options.file !== undefined);
  const outgoing = request(
    new URL(`api2/json${path}${query}`, pve.endpoint),
    {
      method,
      ca: pve.caPem,
      headers: {
        ...options.headers,
        ...(hasBody ? { "content-type": type, "content-length": Buffer.byteLength(body) } : {}),
      },
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const parsed: unknown = text === "" ? undefined : JSON.parse(text);
        const data =
          typeof parsed === "object" && parsed !== null && "data" in parsed ? parsed.data : undefined;
        const { statusCode = 0, statusMessage = "", headers } = incoming;
        resolve({ status: statusCode, reason: statusMessage, body: parsed, data, headers });
      });
    },
  );
  outgoing.on("error", reject);
  outgoing.end(hasBody ? body : undefined);
  return promise;
}

/** A client that shows `token` (`user@realm!id=uuid`); undefined shows none. */
export function createClient(pve: RunningPve, token: string | undefined): ApiClient {
  const auth = token === undefined ? {} : { authorization: `PVEAPIToken=${token}` };
  return (method, path, options = {}) =>
    send(pve, method, path, { ...options, headers: { ...auth, ...options.headers } });
}

const taskTimeoutMs = 20_000;

/** Polls a task until it ends and returns its exit status. */
export async function waitForTask(client: ApiClient, upid: unknown): Promise<string> {
  const [, node] = String(upid).split(":");
  const deadline = Date.now() + taskTimeoutMs;
  while (Date.now() < deadline) {
    const { data } = await client("GET", `/nodes/${node}/tasks/${encodeURIComponent(String(upid))}/status`);
    const { exitstatus } = data as { exitstatus?: string };
    if (exitstatus !== undefined) return exitstatus;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`task ${upid} did not end in ${taskTimeoutMs} ms`);
}

/** Sends a request that answers with a UPID, waits for the task and returns its exit status. */
export async function runTask(
  client: ApiClient,
  method: string,
  path: string,
  params?: RequestOptions["params"],
): Promise<string> {
  const answer = await client(method, path, { params });
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.reason}`);
  return waitForTask(client, answer.data);
}
