import { setTimeout as sleep } from "node:timers/promises";
import { type BackOff, waitAfter } from "../lib/back-off.ts";
import { NixherdError } from "../lib/errors.ts";
import type { ProxmoxAccess } from "./access.ts";
import { noData } from "./request-errors.ts";
import { openConnections, type Parameters, sendRequest } from "./send-request.ts";

/** Reads from the API of Proxmox VE; it cannot change anything there. */
export interface ProxmoxClient {
  /** Host and port, for messages. */
  readonly host: string;
  /**
   * The `data` of `GET /api2/json/<path>`. Values in the path must be percent-encoded.
   * A request that got lost on the way, or met a lock, is sent up to 6 times.
   * @throws CLUSTER_UNREACHABLE, CONNECTION_LOST, LOCK_TIMEOUT, TLS_NOT_TRUSTED, WRONG_TOKEN, NO_PERMISSION, PROXMOX_API_FAILED
   */
  get(path: string, query?: Parameters): Promise<unknown>;
  /** Closes its connections. */
  close(): Promise<void>;
}

interface ClientOptions {
  /** Deadline of one whole request. Defaults to 30 seconds. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;

/** Reading twice does no harm, so what passes by itself is not worth an error. */
const passing: ReadonlySet<string> = new Set(["CONNECTION_LOST", "LOCK_TIMEOUT"]);
const mostReads = 6;
const backOff: BackOff = { retryMs: 100, longestRetryMs: 3000 };

async function readAgain(read: () => Promise<unknown>): Promise<unknown> {
  for (let reads = 1; ; reads += 1) {
    try {
      return await read();
    } catch (error) {
      const isPassing = error instanceof NixherdError && passing.has(error.code);
      if (!isPassing || reads >= mostReads) throw error;
      await sleep(waitAfter(reads, backOff, Math.random));
    }
  }
}

/** Opens a client; connections are made with the first request. */
export function openProxmox(access: ProxmoxAccess, options: ClientOptions = {}): ProxmoxClient {
  const { timeoutMs = defaultTimeoutMs } = options;
  const agent = openConnections(access);
  return {
    host: new URL(access.endpoint).host,
    async get(path, query = {}) {
      const request = { method: "GET", path, query, timeoutMs } as const;
      const data = await readAgain(() => sendRequest(agent, access, request));
      if (data === null) throw noData(path);
      return data;
    },
    close: () => agent.close(),
  };
}
