import { type AclEntry, removeAcl } from "../access/access-state.ts";
import { hasPrivilege } from "../access/permissions.ts";
import { splitList } from "../check/split-list.ts";
import { badParameters, failure } from "../http/api-error.ts";
import { type Call, type EndpointTable, flag, text } from "./endpoint.ts";

function typeOf({ subject, isGroup }: AclEntry): string {
  if (isGroup) return "group";
  return subject.includes("!") ? "token" : "user";
}

function list({ cluster, caller }: Call): unknown[] {
  const seesAll = hasPrivilege(cluster, caller, "/access", "Sys.Audit");
  return cluster.access.acl
    .filter(({ path }) => seesAll || hasPrivilege(cluster, caller, path, "Permissions.Modify"))
    .map((entry) => ({
      path: entry.path,
      ugid: entry.subject,
      type: typeOf(entry),
      roleid: entry.role,
      propagate: entry.propagate ? 1 : 0,
    }));
}

const name = "[A-Za-z0-9._-]+";

/** Paths that permissions can be given on (pve-access-control 9, check_path). */
const paths = new RegExp(
  `^(?:/|/access|/access/(?:groups|realm)(?:/${name})?|/nodes(?:/${name})?|/pool(?:/${name}){0,3}|` +
    `/sdn|/sdn/(?:controllers|dns|fabrics|ipams|prefix-lists|route-maps)(?:/[A-Za-z0-9_-]+)?|` +
    `/sdn/zones(?:/${name}){0,2}|/sdn/zones/${name}/${name}/[1-9]\\d{0,3}|` +
    `/storage(?:/${name})?|/vms(?:/[1-9]\\d{2,})?|/mapping(?:/${name}){0,2})$`,
);

function pathOf(call: Call): string {
  const sent = text(call, "path");
  const path = `/${sent}`.replaceAll(/\/+/g, "/").replace(/(?<=.)\/$/, "");
  const isValid = flag(call, "delete") ? /^[A-Za-z0-9._/-]+$/.test(path) : paths.test(path);
  if (!isValid) throw badParameters({ path: `invalid ACL path '${sent}'` });
  return path;
}

/** Who the entries are for. */
type Subject = Pick<AclEntry, "subject" | "isGroup">;

const failed = "ACL update failed: ";

function existing(call: Call, list: string, known: (id: string) => string | undefined): string[] {
  return splitList(call.parameters[list]).map((id) => {
    const missing = known(id);
    if (missing !== undefined) throw failure(`${failed}${missing}`);
    return id;
  });
}

function subjectsOf(call: Call): Subject[] {
  const { groups, users, tokens } = call.cluster.access;
  const isThere = (found: boolean, what: string) => (found ? undefined : what);
  const groupIds = existing(call, "groups", (id) => isThere(groups.has(id), `group '${id}' does not exist`));
  const userIds = existing(call, "users", (id) => isThere(users.has(id), `user '${id}' does not exist`));
  const tokenIds = existing(call, "tokens", (id) => {
    const [user = "", token = ""] = id.split("!");
    if (!users.has(user)) return `no such user ('${user}')`;
    return isThere(tokens.has(id), `no such token '${token}' for user '${user}'`);
  });
  return [
    ...groupIds.map((subject) => ({ subject, isGroup: true })),
    ...[...userIds, ...tokenIds].map((subject) => ({ subject })),
  ];
}

function checkSomebodyNamed({ parameters }: Call): void {
  const lists = ["users", "groups", "tokens"];
  if (lists.some((list) => parameters[list] !== undefined && parameters[list] !== "")) return;
  const text = "either 'users', 'groups' or 'tokens' is required.";
  throw badParameters(Object.fromEntries(lists.map((list) => [list, text])));
}

function update(call: Call): null {
  const { access } = call.cluster;
  checkSomebodyNamed(call);
  const path = pathOf(call);
  const propagate = call.parameters["propagate"] !== 0;
  for (const role of splitList(call.parameters["roles"])) {
    if (!access.roles.has(role)) throw failure(`${failed}role '${role}' does not exist`);
    for (const { subject, isGroup = false } of subjectsOf(call)) {
      removeAcl(
        access,
        (entry) =>
          entry.path === path &&
          entry.subject === subject &&
          (entry.isGroup ?? false) === isGroup &&
          entry.role === role,
      );
      if (!flag(call, "delete")) access.acl.push({ path, subject, isGroup, role, propagate });
    }
  }
  return null;
}

export const accessAclEndpoints: EndpointTable = {
  "GET /access/acl": list,
  "PUT /access/acl": update,
};
