import { ApiError, inContext } from "../../api/api-error.ts";
import { escapeSegment } from "../../api/tasks.ts";
import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import { aclBehaviours, changeInlineAcl, readInlineAcl } from "./inline-acl.ts";

/** proxmox_virtual_environment_group: a group of users. */
export function groupResource(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours: { comment: { default: "" }, group_id: { replaces: true }, ...aclBehaviours("groups") },
    create: createGroup,
    read: readGroup,
    update: updateGroup,
    remove: deleteGroup,
    parseImportId: (id) => ({ id }),
  });
}

const createGroup: Operation = async (data, session, warn) => {
  const id = data.now.text("group_id");
  const parameters = { groupid: id, comment: data.now.text("comment") };
  await inContext("failed to create access group", () =>
    session.api.request("POST", "access/groups", session.lifetime, parameters),
  );
  data.id = id;
  await changeInlineAcl("group", id, data.now.blocks("acl"), false, session);
  await readGroup(data, session, warn);
};

const readGroup: Operation = async (data, session) => {
  try {
    const group = (await inContext("failed to get access group", () =>
      session.api.request("GET", `access/groups/${escapeSegment(data.id)}`, session.lifetime),
    )) as { readonly comment?: string; readonly members?: readonly string[] };
    await readInlineAcl("group", data, session);
    data.set("comment", group.comment ?? "");
    data.set("members", group.members ?? []);
    data.set("group_id", data.id);
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
    data.id = "";
  }
};

const updateGroup: Operation = async (data, session, warn) => {
  await inContext("failed to update access group", () =>
    session.api.request("PUT", `access/groups/${escapeSegment(data.id)}`, session.lifetime, {
      comment: data.now.text("comment"),
    }),
  );
  await changeInlineAcl("group", data.id, data.before.blocks("acl"), true, session);
  await changeInlineAcl("group", data.id, data.now.blocks("acl"), false, session);
  await readGroup(data, session, warn);
};

const deleteGroup: Operation = async ({ id, now }, session) => {
  await changeInlineAcl("group", id, now.blocks("acl"), true, session);
  try {
    await inContext("failed to delete access group", () =>
      session.api.request("DELETE", `access/groups/${escapeSegment(id)}`, session.lifetime),
    );
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
  }
};
