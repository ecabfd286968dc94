import { randomUUID } from "node:crypto";
import { type ApiToken, createToken } from "../access/access-state.ts";
import { splitList } from "../check/split-list.ts";
import { badParameters, failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { type Call, type EndpointTable, flag, optionalText, text } from "./endpoint.ts";

/** A user's tokens. */
export function tokensOf({ access }: Cluster, userId: string): ApiToken[] {
  return [...access.tokens.values()].filter(({ id }) => id.startsWith(`${userId}!`));
}

/** What a reader sees of a token; its secret is told once, when it is made. */
export function showToken({ separated, expire = 0, comment }: ApiToken): Record<string, unknown> {
  return { privsep: separated ? 1 : 0, expire, ...(comment ? { comment } : {}) };
}

function requireUser(call: Call): string {
  const userId = text(call, "userid");
  if (!call.cluster.access.users.has(userId)) throw failure(`no such user ('${userId}')`);
  return userId;
}

function tokenOf(call: Call): ApiToken {
  const userId = requireUser(call);
  const name = text(call, "tokenid");
  const token = call.cluster.access.tokens.get(`${userId}!${name}`);
  if (token === undefined) throw failure(`no such token '${name}' for user '${userId}'`);
  return token;
}

function settingsIn(call: Call): Pick<ApiToken, "comment" | "expire"> {
  const comment = optionalText(call, "comment");
  const { expire } = call.parameters;
  return {
    ...(comment === undefined ? {} : { comment }),
    ...(expire === undefined ? {} : { expire: Number(expire) }),
  };
}

/** The answer repeats numbers as the text that was sent. */
function create(call: Call): Record<string, unknown> {
  const { access } = call.cluster;
  const id = `${requireUser(call)}!${text(call, "tokenid")}`;
  if (access.tokens.has(id)) throw badParameters({ tokenid: "Token already exists." });
  const { privsep, expire, comment } = call.parameters;
  const token = { ...createToken(access, id, privsep !== 0), ...settingsIn(call) };
  access.tokens.set(id, token);
  const info = {
    privsep: privsep === undefined ? 1 : String(privsep),
    ...(expire === undefined ? {} : { expire: String(expire) }),
    ...(comment ? { comment } : {}),
  };
  return { "full-tokenid": id, info, value: token.secret };
}

function update(call: Call): Record<string, unknown> {
  const before = tokenOf(call);
  const { privsep } = call.parameters;
  const separated = privsep === undefined ? before.separated : privsep === 1;
  const names = splitList(call.parameters["delete"]);
  const unknown = names.find((name) => name !== "comment");
  if (unknown !== undefined) {
    throw failure(
      `updating token info failed: 400 Parameter verification failed.\ndelete: unknown option '${unknown}'`,
    );
  }
  const { comment, ...changed } = { ...before, ...settingsIn(call), separated };
  const isNamed = comment !== undefined && comment !== "" && names.length === 0;
  const isNew = flag(call, "regenerate");
  const after = {
    ...changed,
    ...(isNamed ? { comment } : {}),
    secret: isNew ? randomUUID() : before.secret,
  };
  call.cluster.access.tokens.set(after.id, after);
  return { ...showToken(after), ...(isNew ? { value: after.secret, "full-tokenid": after.id } : {}) };
}

function remove(call: Call): null {
  call.cluster.access.tokens.delete(tokenOf(call).id);
  return null;
}

function list(call: Call): unknown[] {
  const tokens = tokensOf(call.cluster, requireUser(call));
  return tokens.map((token) => ({ ...showToken(token), tokenid: token.id.split("!")[1] }));
}

const path = "/access/users/{userid}/token";

export const accessTokenEndpoints: EndpointTable = {
  [`GET ${path}`]: list,
  [`GET ${path}/{tokenid}`]: (call) => showToken(tokenOf(call)),
  [`POST ${path}/{tokenid}`]: create,
  [`PUT ${path}/{tokenid}`]: update,
  [`DELETE ${path}/{tokenid}`]: remove,
};
