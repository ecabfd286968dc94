import { isIP } from "node:net";
import { Agent, type Dispatcher, request } from "undici";
import { failure } from "../http/api-error.ts";
import { createFileInspector, type FileContent } from "../state/file-content.ts";

interface FetchOptions {
  readonly method: "GET" | "HEAD";
  readonly verifyCertificates: boolean;
  readonly signal?: AbortSignal;
}

/** Redirections that are followed, as wget does. */
const maxRedirections = 20;
const idleTimeoutMs = 60_000;

function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}

/** @throws ApiError 500 for a host other than this one. */
function checkHost(url: URL): void {
  if (!isLoopback(url))
    throw failure(`download failed: the embedded server downloads from this host only, not from ${url.host}`);
}

/** Host and port as wget names them while it connects. */
function wgetTarget({ hostname, port, protocol }: URL): string {
  const number = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return isIP(hostname) === 0 ? `${hostname} (${hostname})|127.0.0.1|:${number}` : `${hostname}:${number}`;
}

/** How wget ends when a connection does. */
const brokenOff = "exit code 4";

/** A failed connection in the words that wget ends with; its other failures show as its exit code only. */
function wgetProblem(url: URL, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") return `Connecting to ${wgetTarget(url)}... failed: Connection refused.`;
  if (/CERT|SELF_SIGNED|TLS|SSL|ISSUER|VERIFY/.test(code))
    return `To connect to ${url.hostname} insecurely, use \`--no-check-certificate'.`;
  return brokenOff;
}

async function requestOnce(
  url: URL,
  options: FetchOptions,
  dispatcher: Agent,
): Promise<Dispatcher.ResponseData> {
  checkHost(url);
  const { method, signal } = options;
  try {
    return await request(url, { method, dispatcher, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    throw failure(`download failed: ${wgetProblem(url, error)}`);
  }
}

async function withAnswer<T>(
  address: string,
  options: FetchOptions,
  use: (answer: Dispatcher.ResponseData) => Promise<T>,
): Promise<T> {
  const dispatcher = new Agent({
    bodyTimeout: idleTimeoutMs,
    headersTimeout: idleTimeoutMs,
    connect: { rejectUnauthorized: options.verifyCertificates },
  });
  try {
    let url = new URL(address);
    for (let count = 0; count <= maxRedirections; count += 1) {
      const answer = await requestOnce(url, options, dispatcher);
      const { location } = answer.headers;
      if (answer.statusCode < 300 || answer.statusCode > 399 || typeof location !== "string")
        return await use(answer);
      url = new URL(location, url);
    }
    throw failure("download failed: exit code 8");
  } finally {
    await dispatcher.destroy();
  }
}

async function readFile(body: Dispatcher.ResponseData["body"], signal: AbortSignal): Promise<FileContent> {
  const inspector = createFileInspector();
  try {
    for await (const chunk of body) inspector.add(chunk);
  } catch {
    // Why a connection ended is in wget's output, which no exit status shows.
    signal.throwIfAborted();
    throw failure(`download failed: ${brokenOff}`);
  }
  return inspector.result();
}

/**
 * Downloads a file from this host, looks at it and drops it.
 *
 * @throws ApiError 500 with what wget would say; anything when `signal` is aborted.
 */
export function downloadUrl(
  address: string,
  verifyCertificates: boolean,
  signal: AbortSignal,
): Promise<FileContent> {
  return withAnswer(address, { method: "GET", verifyCertificates, signal }, ({ statusCode, body }) => {
    if (statusCode !== 200) throw failure("download failed: exit code 8");
    return readFile(body, signal);
  });
}

/** What a web server says of a file. */
export interface UrlMetadata {
  readonly filename?: string;
  readonly size?: number;
  readonly mimetype?: string;
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Asks a web server on this host about a file.
 *
 * @throws ApiError 500 when it does not answer, or not with 200.
 */
export function queryUrl(address: string, verifyCertificates: boolean): Promise<UrlMetadata> {
  return withAnswer(
    address,
    { method: "HEAD", verifyCertificates },
    async ({ statusCode, headers, statusText }) => {
      if (statusCode !== 200) throw failure(`invalid server response: '${statusCode} ${statusText}'`);
      const disposition = headerText(headers["content-disposition"]) ?? "";
      const [, quoted, plain] = /filename=(?:"([^"]*)"|([^;]*))/.exec(disposition) ?? [];
      const [, inPath] = /^[^?]+\/([^?/]*)(?:\?.*)?$/.exec(address) ?? [];
      const filename = quoted ?? plain ?? inPath;
      const size = Number(headerText(headers["content-length"]) ?? 0);
      const mimetype = headerText(headers["content-type"])?.replace(/;.*$/s, "");
      return {
        ...(filename === undefined || filename === "" ? {} : { filename }),
        ...(size > 0 ? { size } : {}),
        ...(mimetype === undefined ? {} : { mimetype }),
      };
    },
  );
}
