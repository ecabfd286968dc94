import { builtInRoles } from "../access/roles.ts";
import { splitList } from "../check/split-list.ts";
import { badParameters, failure } from "../http/api-error.ts";
import { type Call, type EndpointTable, flag, text } from "./endpoint.ts";

function isBuiltIn(roleid: string): boolean {
  return Object.hasOwn(builtInRoles, roleid);
}

function list({ cluster }: Call): unknown[] {
  return [...cluster.access.roles].map(([roleid, privs]) => ({
    roleid,
    privs: [...privs].sort().join(","),
    special: isBuiltIn(roleid) ? 1 : 0,
  }));
}

function privilegesOf(call: Call, roleid: string, words: string): readonly string[] {
  const privs = call.cluster.access.roles.get(roleid);
  if (privs === undefined) throw failure(`${words}role '${roleid}' does not exist`);
  return privs;
}

function read(call: Call): Record<string, unknown> {
  return Object.fromEntries(privilegesOf(call, text(call, "roleid"), "").map((privilege) => [privilege, 1]));
}

function create(call: Call): null {
  const { roles } = call.cluster.access;
  const roleid = text(call, "roleid");
  if (/^PVE/i.test(roleid)) {
    const refusal = "cannot use role ID starting with the (case-insensitive) 'PVE' namespace";
    throw badParameters({ roleid: refusal });
  }
  if (roles.has(roleid)) throw failure(`create role failed: role '${roleid}' already exists`);
  roles.set(roleid, splitList(call.parameters["privs"]));
  return null;
}

function update(call: Call): null {
  const roleid = text(call, "roleid");
  if (isBuiltIn(roleid)) throw failure(`auto-generated role '${roleid}' cannot be modified`);
  const before = privilegesOf(call, roleid, "update role failed: ");
  const kept = flag(call, "append") ? before : [];
  const sent = splitList(call.parameters["privs"]);
  call.cluster.access.roles.set(roleid, [...new Set([...kept, ...sent])]);
  return null;
}

/** Entries of the access list that give the role stay, and give nothing from then on. */
function remove(call: Call): null {
  const roleid = text(call, "roleid");
  if (isBuiltIn(roleid)) throw failure(`auto-generated role '${roleid}' cannot be deleted`);
  privilegesOf(call, roleid, "delete role failed: ");
  call.cluster.access.roles.delete(roleid);
  return null;
}

export const accessRoleEndpoints: EndpointTable = {
  "GET /access/roles": list,
  "POST /access/roles": create,
  "GET /access/roles/{roleid}": read,
  "PUT /access/roles/{roleid}": update,
  "DELETE /access/roles/{roleid}": remove,
};
