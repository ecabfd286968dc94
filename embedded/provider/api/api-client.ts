import { ApiError, errorOfResponse, withContext } from "./api-error.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Connection } from "./connection.ts";
import type { Deadline } from "./deadline.ts";
import { type Answer, parseBody, type StreamedBody, send } from "./transport.ts";

/** Parameters of a request; a form for POST and PUT, else a query. A list is sent as one parameter for each item. */
export type Parameters = Readonly<Record<string, string | readonly string[]>>;

/** The Proxmox VE API as the real provider calls it. */
export interface ApiClient {
  readonly authenticator: Authenticator;
  /**
   * Makes one request and gives the answer's `data`; throws ApiError on every other status than 2xx.
   * `path` is relative to /api2/json and already percent-encoded.
   */
  readonly request: (
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    deadline: Deadline,
    parameters?: Parameters,
  ) => Promise<unknown>;
  /** Posts a body that is no form, else like `request`. */
  readonly upload: (path: string, deadline: Deadline, body: StreamedBody) => Promise<unknown>;
}

/** Makes a client. Public source: bpg/proxmox 0.111.1, proxmox/api. */
export function createApiClient(connection: Connection, authenticator: Authenticator): ApiClient {
  const call = async (
    method: string,
    target: string,
    deadline: Deadline,
    content: { readonly form: string; readonly body?: StreamedBody },
  ): Promise<unknown> => {
    const authentication = await authenticate(authenticator, method, target, deadline);
    const headers = { Accept: "application/json", ...authentication };
    const answer = await send(connection, { method, target, ...content, headers, deadline });
    const { status, reason } = answer;
    if (status < 200 || status > 299) throw errorOfResponse(status, reason, parseBody(answer));
    return dataOf(answer, method, target);
  };
  return {
    authenticator,
    request: (method, path, deadline, parameters = {}) => {
      const encoded = encodeParameters(parameters);
      const isForm = method === "POST" || method === "PUT";
      const target = isForm || encoded === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${encoded}`;
      return call(method, target, deadline, { form: isForm ? encoded : "" });
    },
    upload: (path, deadline, body) => call("POST", path, deadline, { form: "", body }),
  };
}

async function authenticate(
  authenticator: Authenticator,
  method: string,
  target: string,
  deadline: Deadline,
): Promise<Readonly<Record<string, string>>> {
  try {
    return await authenticator.headers(method, deadline);
  } catch (error) {
    throw withContext(`failed to authenticate HTTP ${method} request (path: ${target}) - Reason`, error);
  }
}

function dataOf(answer: Answer, method: string, target: string): unknown {
  if (answer.body === "") return undefined;
  const parsed = parseBody(answer);
  if (typeof parsed !== "object" || parsed === null) {
    throw new ApiError(
      0,
      `failed to decode HTTP ${method} response (path: ${target}) - Reason: no JSON object`,
    );
  }
  return (parsed as { data?: unknown }).data ?? undefined;
}

// Sorted by name and with "+" for spaces, as the real provider's library does it.
function encodeParameters(parameters: Parameters): string {
  const search = new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]) =>
      (typeof value === "string" ? [value] : value).map((item): [string, string] => [name, item]),
    ),
  );
  search.sort();
  return search.toString();
}
