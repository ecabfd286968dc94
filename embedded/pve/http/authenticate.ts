import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isActiveToken, isActiveUser } from "../access/access-state.ts";
import { type Caller, createCaller } from "../access/caller.ts";
import type { Cluster } from "../state/cluster.ts";
import { refusal } from "./api-error.ts";

function tokenCaller(cluster: Cluster, header: string): Caller | undefined {
  const [, id = "", secret = ""] = /^PVEAPIToken=([^=]+)=(.+)$/.exec(header) ?? [];
  const token = cluster.access.tokens.get(id);
  const caller = createCaller(id);
  const now = cluster.clock.nowSeconds();
  const isActive =
    token !== undefined && isActiveToken(token, now) && isActiveUser(cluster.access, caller.userId, now);
  return isActive && token.secret === secret ? caller : undefined;
}

/** Tickets come in a cookie, or in the same form as Authorization header. */
function ticketIn({ headers }: IncomingMessage): string | undefined {
  const text = headers.authorization ?? headers.cookie ?? "";
  return /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(text)?.[1];
}

function ticketCaller(cluster: Cluster, request: IncomingMessage): Caller | undefined {
  const cookie = ticketIn(request);
  const ticket = cookie === undefined ? undefined : cluster.access.tickets.get(decodeURIComponent(cookie));
  const now = cluster.clock.nowSeconds();
  if (ticket === undefined || !isActiveUser(cluster.access, ticket.userId, now)) return undefined;
  if (request.method !== "GET" && request.headers["csrfpreventiontoken"] !== ticket.csrfToken) {
    throw refusal(401, "Permission denied - invalid csrf token");
  }
  return createCaller(ticket.userId);
}

/**
 * Finds out who makes a request, by API token or ticket.
 *
 * @throws ApiError 401 `No ticket`, `Authentication failed!` or `permission denied - invalid PVE ticket`.
 */
export async function authenticate(cluster: Cluster, request: IncomingMessage): Promise<Caller> {
  const header = request.headers.authorization;
  if (header !== undefined && ticketIn(request) === undefined) {
    const caller = tokenCaller(cluster, header);
    if (caller !== undefined) return caller;
    await sleep(cluster.delays.wrongTokenMs);
    throw refusal(401, "Authentication failed!");
  }
  if (ticketIn(request) === undefined) throw refusal(401, "No ticket");
  const caller = ticketCaller(cluster, request);
  if (caller === undefined) throw refusal(401, "permission denied - invalid PVE ticket");
  return caller;
}
