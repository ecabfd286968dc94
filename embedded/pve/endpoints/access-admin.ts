import { createToken } from "../access/access-state.ts";
import { builtInRoles } from "../access/roles.ts";
import { splitList } from "../check/split-list.ts";
import { badParameters, failure } from "../http/api-error.ts";
import { type Call, type EndpointTable, flag, optionalText, text } from "./endpoint.ts";

function listUsers({ cluster }: Call): unknown[] {
  return [...cluster.access.users.values()].map(({ userId, enabled }) => ({
    userid: userId,
    enable: enabled ? 1 : 0,
    expire: 0,
    "realm-type": userId.split("@")[1],
  }));
}

function createUser(call: Call): null {
  const { users } = call.cluster.access;
  const userId = text(call, "userid");
  if (users.has(userId)) throw failure(`create user failed: user '${userId}' already exists`);
  const enabled = call.parameters["enable"] !== 0;
  users.set(userId, { userId, password: optionalText(call, "password"), enabled });
  return null;
}

function requireUser(call: Call): string {
  const userId = text(call, "userid");
  if (!call.cluster.access.users.has(userId)) throw failure(`no such user ('${userId}')`);
  return userId;
}

/** Deleting a user deletes its tokens and their entries in the access list. */
function deleteUser(call: Call): null {
  const { access } = call.cluster;
  const userId = requireUser(call);
  access.users.delete(userId);
  for (const id of access.tokens.keys()) if (id.startsWith(`${userId}!`)) access.tokens.delete(id);
  const kept = access.acl.filter(({ subject }) => subject !== userId && !subject.startsWith(`${userId}!`));
  access.acl.splice(0, access.acl.length, ...kept);
  return null;
}

function createTokenEndpoint(call: Call): Record<string, unknown> {
  const { access } = call.cluster;
  const id = `${requireUser(call)}!${text(call, "tokenid")}`;
  if (access.tokens.has(id)) throw badParameters({ tokenid: "Token already exists." });
  const separated = call.parameters["privsep"] !== 0;
  const token = createToken(access, id, separated);
  return { "full-tokenid": id, info: { privsep: separated ? "1" : "0" }, value: token.secret };
}

function deleteToken(call: Call): null {
  const id = `${requireUser(call)}!${text(call, "tokenid")}`;
  if (!call.cluster.access.tokens.delete(id)) throw failure(`no such token '${text(call, "tokenid")}'`);
  return null;
}

function listRoles({ cluster }: Call): unknown[] {
  return [...cluster.access.roles].map(([roleid, privs]) => ({
    roleid,
    privs: [...privs].sort().join(","),
    ...(builtInRoles[roleid] === undefined ? {} : { special: 1 }),
  }));
}

function createRole(call: Call): null {
  const { roles } = call.cluster.access;
  const roleid = text(call, "roleid");
  if (roles.has(roleid)) throw failure(`create role failed: role '${roleid}' already exists`);
  roles.set(roleid, splitList(call.parameters["privs"]));
  return null;
}

function deleteRole(call: Call): null {
  const roleid = text(call, "roleid");
  if (builtInRoles[roleid] !== undefined) throw failure(`auto-generated role '${roleid}' cannot be deleted`);
  if (!call.cluster.access.roles.delete(roleid)) throw failure(`role '${roleid}' does not exist`);
  return null;
}

function listAcl({ cluster }: Call): unknown[] {
  return cluster.access.acl.map(({ path, subject, role, propagate }) => ({
    path,
    ugid: subject,
    type: subject.includes("!") ? "token" : "user",
    roleid: role,
    propagate: propagate ? 1 : 0,
  }));
}

function updateAcl(call: Call): null {
  const { access } = call.cluster;
  const path = text(call, "path");
  const propagate = call.parameters["propagate"] !== 0;
  const subjects = [...splitList(call.parameters["users"]), ...splitList(call.parameters["tokens"])];
  for (const role of splitList(call.parameters["roles"])) {
    if (!access.roles.has(role)) throw failure(`update ACL failed: role '${role}' does not exist`);
    for (const subject of subjects) {
      const at = access.acl.findIndex(
        (entry) => entry.path === path && entry.subject === subject && entry.role === role,
      );
      if (at >= 0) access.acl.splice(at, 1);
      if (!flag(call, "delete")) access.acl.push({ path, subject, role, propagate });
    }
  }
  return null;
}

export const accessAdminEndpoints: EndpointTable = {
  "GET /access/users": listUsers,
  "POST /access/users": createUser,
  "DELETE /access/users/{userid}": deleteUser,
  "POST /access/users/{userid}/token/{tokenid}": createTokenEndpoint,
  "DELETE /access/users/{userid}/token/{tokenid}": deleteToken,
  "GET /access/groups": () => [],
  "GET /access/roles": listRoles,
  "POST /access/roles": createRole,
  "DELETE /access/roles/{roleid}": deleteRole,
  "GET /access/acl": listAcl,
  "PUT /access/acl": updateAcl,
};
