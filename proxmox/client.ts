import { Agent, type Dispatcher } from "undici";
import type { ProxmoxAccess } from "./access.ts";
import { answerError, connectionError, parseObject } from "./request-errors.ts";
import { trustedRoots } from "./trusted-roots.ts";

type Query = Readonly<Record<string, string | number>>;

/** Reads from the API of Proxmox VE; it cannot change anything there. */
export interface ProxmoxClient {
  /** Host and port, for messages. */
  readonly host: string;
  /**
   * The `data` of `GET /api2/json/<path>`. Values in the path must be percent-encoded.
   * @throws CLUSTER_UNREACHABLE, TLS_NOT_TRUSTED, WRONG_TOKEN, NO_PERMISSION, PROXMOX_API_FAILED
   */
  get(path: string, query?: Query): Promise<unknown>;
  /** Closes its connections. */
  close(): Promise<void>;
}

interface ClientOptions {
  /** Deadline of one whole request. Defaults to 30 seconds. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;
const connectTimeoutMs = 10_000;

/** Largest answer; a list of 10,000 machines has about 5 MB. */
const mostAnswerBytes = 64 * 1024 * 1024;

/** Opens a client; connections are made with the first request. */
export function openProxmox(access: ProxmoxAccess, options: ClientOptions = {}): ProxmoxClient {
  const { timeoutMs = defaultTimeoutMs } = options;
  const { host } = new URL(access.endpoint);
  const agent = new Agent({
    connect: {
      timeout: connectTimeoutMs,
      ...(access.isInsecure ? { rejectUnauthorized: false } : { ca: trustedRoots(access.caFile) }),
    },
    maxResponseSize: mostAnswerBytes,
    connections: 8,
  });
  return {
    host,
    async get(path, query = {}) {
      const answer = await send(agent, access, path, query, timeoutMs).catch((cause: unknown) => {
        throw connectionError(host, timeoutMs, cause);
      });
      if (answer.statusCode !== 200) throw answerError(path, answer);
      return dataOf(path, answer);
    },
    close: () => agent.close(),
  };
}

interface Answer {
  readonly statusCode: number;
  /** The reason phrase: Proxmox VE puts its error messages there. */
  readonly reason: string;
  readonly body: string;
}

async function send(
  agent: Dispatcher,
  access: ProxmoxAccess,
  path: string,
  query: Query,
  timeoutMs: number,
): Promise<Answer> {
  const { statusCode, statusText, body } = await agent.request({
    origin: access.endpoint,
    path: `/api2/json/${path}`,
    query,
    method: "GET",
    headers: { accept: "application/json", authorization: `PVEAPIToken=${access.token}` },
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { statusCode, reason: statusText, body: await body.text() };
}

function dataOf(path: string, answer: Answer): unknown {
  const { data } = parseObject(answer.body) ?? {};
  if (data === undefined || data === null) throw answerError(path, answer);
  return data;
}
