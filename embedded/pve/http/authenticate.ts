import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Caller, createCaller } from "../access/caller.ts";
import type { Cluster } from "../state/cluster.ts";
import { refusal } from "./api-error.ts";

function tokenCaller(cluster: Cluster, header: string): Caller | undefined {
  const [, id = "", secret = ""] = /^PVEAPIToken=([^=]+)=(.+)$/.exec(header) ?? [];
  const token = cluster.access.tokens.get(id);
  const caller = createCaller(id);
  const enabled = cluster.access.users.get(caller.userId)?.enabled === true;
  return enabled && token?.secret === secret ? caller : undefined;
}

function ticketCaller(cluster: Cluster, request: IncomingMessage): Caller | undefined {
  const [, cookie] = /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(request.headers.cookie ?? "") ?? [];
  const ticket = cookie === undefined ? undefined : cluster.access.tickets.get(decodeURIComponent(cookie));
  if (ticket === undefined) return undefined;
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
  if (header !== undefined) {
    const caller = tokenCaller(cluster, header);
    if (caller !== undefined) return caller;
    await sleep(cluster.delays.wrongTokenMs);
    throw refusal(401, "Authentication failed!");
  }
  if (!/PVEAuthCookie=/.test(request.headers.cookie ?? "")) throw refusal(401, "No ticket");
  const caller = ticketCaller(cluster, request);
  if (caller === undefined) throw refusal(401, "permission denied - invalid PVE ticket");
  return caller;
}
