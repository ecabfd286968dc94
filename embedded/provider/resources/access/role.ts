import { ApiError, inContext } from "../../api/api-error.ts";
import { escapeSegment } from "../../api/tasks.ts";
import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import type { Section } from "../../legacy/section.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import { inSetOrder } from "./set-order.ts";

/** proxmox_virtual_environment_role: a named set of privileges. */
export function roleResource(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours: { role_id: { replaces: true } },
    create: createRole,
    read: readRole,
    update: updateRole,
    remove: deleteRole,
    parseImportId: (id) => ({ id, role_id: id }),
  });
}

const createRole: Operation = async (data, session, warn) => {
  const id = data.now.text("role_id");
  const parameters = { roleid: id, privs: privileges(data.now) };
  await inContext("error creating role", () =>
    session.api.request("POST", "access/roles", session.lifetime, parameters),
  );
  data.id = id;
  await readRole(data, session, warn);
};

const readRole: Operation = async (data, { api, lifetime }) => {
  try {
    const role = await inContext("error getting role", () =>
      api.request("GET", `access/roles/${escapeSegment(data.id)}`, lifetime),
    );
    const given = Object.entries(role as Readonly<Record<string, unknown>>);
    data.set(
      "privileges",
      given.filter(([, value]) => Number(value) >= 1).map(([privilege]) => privilege),
    );
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
    data.id = "";
  }
};

const updateRole: Operation = async (data, session, warn) => {
  await inContext("error updating role", () =>
    session.api.request("PUT", `access/roles/${escapeSegment(data.id)}`, session.lifetime, {
      privs: privileges(data.now),
    }),
  );
  await readRole(data, session, warn);
};

const deleteRole: Operation = async ({ id }, { api, lifetime }) => {
  try {
    await inContext("error deleting role", () =>
      api.request("DELETE", `access/roles/${escapeSegment(id)}`, lifetime),
    );
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
  }
};

function privileges(values: Section): string {
  return inSetOrder(values.texts("privileges")).join(",");
}
