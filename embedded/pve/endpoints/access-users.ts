import { removeAcl, type User, type UserDetails } from "../access/access-state.ts";
import { hasPrivilege } from "../access/permissions.ts";
import { splitList } from "../check/split-list.ts";
import { failure } from "../http/api-error.ts";
import { findSection } from "../sections/section-file.ts";
import { showToken, tokensOf } from "./access-tokens.ts";
import { type Call, type EndpointTable, flag, optionalText, text } from "./endpoint.ts";

/** The user that a call's path names. */
function userOf(call: Call): User {
  const userId = text(call, "userid");
  const user = call.cluster.access.users.get(userId);
  if (user === undefined) throw failure(`no such user ('${userId}')`);
  return user;
}

const detailKeys = ["email", "firstname", "lastname", "comment", "keys"] as const;

function show({ enabled, expire = 0, ...user }: User): Record<string, unknown> {
  const details = detailKeys.flatMap((key) => (user[key] ? [[key, user[key]]] : []));
  return { enable: enabled ? 1 : 0, expire, ...Object.fromEntries(details) };
}

function showInList(call: Call, user: User): Record<string, unknown> {
  const realm = user.userId.split("@").at(-1) ?? "";
  const type = findSection(call.cluster.datacenter.sections.realms, realm)?.type;
  const full = flag(call, "full")
    ? {
        groups: (user.groups ?? []).join(","),
        tokens: tokensOf(call.cluster, user.userId).map((token) => ({
          ...showToken(token),
          tokenid: token.id.split("!")[1],
        })),
      }
    : {};
  return {
    ...show(user),
    ...full,
    userid: user.userId,
    ...(type === undefined ? {} : { "realm-type": type }),
  };
}

function list(call: Call): unknown[] {
  const { cluster, caller, parameters } = call;
  const seesAll = hasPrivilege(cluster, caller, "/access/groups", "User.Modify", "Sys.Audit");
  const wanted = parameters["enabled"];
  return [...cluster.access.users.values()]
    .filter(({ userId }) => seesAll || userId === caller.userId)
    .filter(({ enabled }) => wanted === undefined || enabled === (wanted === 1))
    .toSorted((one, other) => (one.userId < other.userId ? -1 : 1))
    .map((user) => showInList(call, user));
}

function read(call: Call): Record<string, unknown> {
  const user = userOf(call);
  const tokens = tokensOf(call.cluster, user.userId).map(
    (token) => [token.id.split("!")[1], showToken(token)] as const,
  );
  return {
    ...show(user),
    groups: user.groups ?? [],
    tokens: tokens.length === 0 ? null : Object.fromEntries(tokens),
  };
}

function groupsIn(call: Call, words: string): readonly string[] | undefined {
  const sent = optionalText(call, "groups");
  if (sent === undefined) return undefined;
  const names = splitList(sent);
  const missing = names.find((name) => !call.cluster.access.groups.has(name));
  if (missing !== undefined) throw failure(`${words}: no such group '${missing}'`);
  return names;
}

function detailsIn(call: Call): UserDetails {
  const sent = detailKeys.flatMap((key) => {
    const value = optionalText(call, key);
    return value === undefined ? [] : [[key, value]];
  });
  const { expire } = call.parameters;
  return { ...Object.fromEntries(sent), ...(expire === undefined ? {} : { expire: Number(expire) }) };
}

function create(call: Call): null {
  const { users } = call.cluster.access;
  const userId = text(call, "userid");
  if (users.has(userId)) throw failure(`create user failed: user '${userId}' already exists`);
  const groups = groupsIn(call, "create user failed") ?? [];
  const enabled = call.parameters["enable"] !== 0;
  users.set(userId, {
    userId,
    password: optionalText(call, "password"),
    enabled,
    ...detailsIn(call),
    groups,
  });
  return null;
}

function update(call: Call): null {
  const user = userOf(call);
  const sent = groupsIn(call, "update user failed");
  const kept = flag(call, "append") || sent === undefined ? (user.groups ?? []) : [];
  const { enable } = call.parameters;
  call.cluster.access.users.set(user.userId, {
    ...user,
    ...detailsIn(call),
    enabled: enable === undefined ? user.enabled : enable === 1,
    groups: [...new Set([...kept, ...(sent ?? [])])],
  });
  return null;
}

/** Deleting a user deletes its tokens and their entries in the access list. */
function remove(call: Call): null {
  const { access } = call.cluster;
  const { userId } = userOf(call);
  access.users.delete(userId);
  for (const { id } of tokensOf(call.cluster, userId)) access.tokens.delete(id);
  removeAcl(
    access,
    ({ subject, isGroup }) => !isGroup && (subject === userId || subject.startsWith(`${userId}!`)),
  );
  return null;
}

function changePassword(call: Call): null {
  const user = userOf(call);
  call.cluster.access.users.set(user.userId, { ...user, password: text(call, "password") });
  return null;
}

export const accessUserEndpoints: EndpointTable = {
  "GET /access/users": list,
  "POST /access/users": create,
  "GET /access/users/{userid}": read,
  "PUT /access/users/{userid}": update,
  "DELETE /access/users/{userid}": remove,
  "PUT /access/password": changePassword,
};
