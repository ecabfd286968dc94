import type { ProxmoxAccess } from "./access.ts";
import { noData } from "./request-errors.ts";
import { openConnections, type Parameters, sendRequest } from "./send-request.ts";

/** Reads from the API of Proxmox VE; it cannot change anything there. */
export interface ProxmoxClient {
  /** Host and port, for messages. */
  readonly host: string;
  /**
   * The `data` of `GET /api2/json/<path>`. Values in the path must be percent-encoded.
   * @throws CLUSTER_UNREACHABLE, TLS_NOT_TRUSTED, WRONG_TOKEN, NO_PERMISSION, PROXMOX_API_FAILED
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

/** Opens a client; connections are made with the first request. */
export function openProxmox(access: ProxmoxAccess, options: ClientOptions = {}): ProxmoxClient {
  const { timeoutMs = defaultTimeoutMs } = options;
  const agent = openConnections(access);
  return {
    host: new URL(access.endpoint).host,
    async get(path, query = {}) {
      const data = await sendRequest(agent, access, { method: "GET", path, query, timeoutMs });
      if (data === null) throw noData(path);
      return data;
    },
    close: () => agent.close(),
  };
}
