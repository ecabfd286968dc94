import { removeAcl, type User } from "../access/access-state.ts";
import { hasPrivilege } from "../access/permissions.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";

function membersOf({ access }: Cluster, group: string): User[] {
  return [...access.users.values()].filter(({ groups }) => groups?.includes(group));
}

function commentOf(comment: string | undefined): Record<string, unknown> {
  return comment === undefined ? {} : { comment };
}

function list({ cluster, caller }: Call): unknown[] {
  return [...cluster.access.groups]
    .filter(([groupid]) =>
      hasPrivilege(
        cluster,
        caller,
        `/access/groups/${groupid}`,
        "User.Modify",
        "Sys.Audit",
        "Group.Allocate",
      ),
    )
    .map(([groupid, { comment }]) => ({
      groupid,
      ...commentOf(comment),
      users: membersOf(cluster, groupid)
        .map(({ userId }) => userId)
        .sort()
        .join(","),
    }));
}

/** @throws ApiError 500 after the call's own words for a group that does not exist. */
function requireGroup(call: Call, words: string): { readonly comment: string | undefined } {
  const groupid = text(call, "groupid");
  const group = call.cluster.access.groups.get(groupid);
  if (group === undefined) throw failure(`${words}group '${groupid}' does not exist`);
  return group;
}

function read(call: Call): Record<string, unknown> {
  const { comment } = requireGroup(call, "");
  const members = membersOf(call.cluster, text(call, "groupid")).map(({ userId }) => userId);
  return { members, ...commentOf(comment) };
}

function create(call: Call): null {
  const { groups } = call.cluster.access;
  const groupid = text(call, "groupid");
  if (groups.has(groupid)) throw failure(`create group failed: group '${groupid}' already exists`);
  groups.set(groupid, { comment: optionalText(call, "comment") || undefined });
  return null;
}

function update(call: Call): null {
  const group = requireGroup(call, "update group failed: ");
  const comment = optionalText(call, "comment") ?? group.comment;
  call.cluster.access.groups.set(text(call, "groupid"), { comment });
  return null;
}

/** A group that goes leaves no trace in its members or in the access list. */
function remove(call: Call): null {
  const { access } = call.cluster;
  requireGroup(call, "delete group failed: ");
  const groupid = text(call, "groupid");
  for (const user of membersOf(call.cluster, groupid)) {
    const groups = user.groups?.filter((name) => name !== groupid) ?? [];
    access.users.set(user.userId, { ...user, groups });
  }
  access.groups.delete(groupid);
  removeAcl(access, ({ subject, isGroup }) => isGroup === true && subject === groupid);
  return null;
}

export const accessGroupEndpoints: EndpointTable = {
  "GET /access/groups": list,
  "POST /access/groups": create,
  "GET /access/groups/{groupid}": read,
  "PUT /access/groups/{groupid}": update,
  "DELETE /access/groups/{groupid}": remove,
};
