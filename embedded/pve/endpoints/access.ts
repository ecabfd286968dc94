import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type AccessState, isActiveUser, type TicketOwner } from "../access/access-state.ts";
import { createCaller } from "../access/caller.ts";
import { privilegesOn } from "../access/permissions.ts";
import { ApiError } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";

const permissionPaths = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

function toFlags(privileges: Iterable<string>): Record<string, number> {
  return Object.fromEntries([...privileges].map((privilege) => [privilege, 1]));
}

/** Paths with at least one privilege; those of the access list too. */
function showPermissions(call: Call): Record<string, unknown> {
  const { cluster, caller } = call;
  const wanted = optionalText(call, "path");
  const paths =
    wanted === undefined ? [...permissionPaths, ...cluster.access.acl.map((entry) => entry.path)] : [wanted];
  const entries = paths.map((path) => [path, toFlags(privilegesOn(cluster, caller, path))] as const);
  return Object.fromEntries(entries.filter(([, flags]) => Object.keys(flags).length > 0));
}

/** What a login may do in the web interface: privileges by area, from the paths that the area is about. */
const capabilityAreas: Readonly<Record<string, readonly [path: string, privileges: RegExp]>> = {
  access: ["/access", /^(?:User|Group)\.|^Permissions\.Modify$/],
  dc: ["/", /^Sys\.(?:Audit|Modify)$|^SDN\./],
  mapping: ["/mapping", /^Mapping\.|^Permissions\.Modify$/],
  nodes: ["/nodes", /^Sys\.|^Permissions\.Modify$/],
  sdn: ["/sdn", /^SDN\.|^Permissions\.Modify$/],
  storage: ["/storage", /^Datastore\.|^Permissions\.Modify$/],
  vms: ["/vms", /^VM\.|^Permissions\.Modify$/],
};

function capabilities(cluster: Cluster, userId: string): Record<string, unknown> {
  const caller = createCaller(userId);
  return Object.fromEntries(
    Object.entries(capabilityAreas).map(([area, [path, pattern]]) => [
      area,
      toFlags([...privilegesOn(cluster, caller, path)].filter((privilege) => pattern.test(privilege))),
    ]),
  );
}

/** Tickets beyond this number are forgotten, oldest first. */
const keptTickets = 1000;

function rememberTicket(tickets: AccessState["tickets"], ticket: string, owner: TicketOwner): void {
  tickets.set(ticket, owner);
  const [oldest] = tickets.keys();
  if (tickets.size > keptTickets && oldest !== undefined) tickets.delete(oldest);
}

async function login(call: Call): Promise<Record<string, unknown>> {
  const { cluster } = call;
  const username = text(call, "username");
  const realm = optionalText(call, "realm");
  const userId = realm === undefined || username.includes("@") ? username : `${username}@${realm}`;
  const user = cluster.access.users.get(userId);
  const isActive = isActiveUser(cluster.access, userId, cluster.clock.nowSeconds());
  if (user?.password === undefined || !isActive || user.password !== text(call, "password")) {
    await sleep(cluster.delays.wrongTokenMs);
    throw new ApiError(401, "authentication failure");
  }
  const stamp = cluster.clock.nowSeconds().toString(16).toUpperCase();
  const ticket = `PVE:${userId}:${stamp}::${randomBytes(32).toString("base64")}`;
  const csrfToken = `${stamp}:${randomBytes(32).toString("base64")}`;
  rememberTicket(cluster.access.tickets, ticket, { userId, csrfToken });
  return { username: userId, ticket, CSRFPreventionToken: csrfToken, cap: capabilities(cluster, userId) };
}

export const accessEndpoints: EndpointTable = {
  "GET /access/permissions": showPermissions,
  "POST /access/ticket": login,
};
