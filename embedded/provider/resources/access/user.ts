import { ApiError, inContext } from "../../api/api-error.ts";
import { escapeSegment } from "../../api/tasks.ts";
import type { Behaviours, Check } from "../../legacy/field.ts";
import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import type { Section } from "../../legacy/section.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import { aclBehaviours, changeInlineAcl, readInlineAcl } from "./inline-acl.ts";
import { epochSeconds, rfc3339 } from "./rfc3339.ts";
import { inSetOrder } from "./set-order.ts";

const noText = { default: "" };

const date: Check = (value, { name }) => {
  const quoted = JSON.stringify(value);
  return epochSeconds(String(value)) === undefined
    ? [
        `expected "${name}" to be a valid RFC3339 date, got ${quoted}: parsing time ${quoted} as "2006-01-02T15:04:05Z07:00": cannot parse ${quoted} as "2006"`,
      ]
    : [];
};

const behaviours: Behaviours = {
  comment: noText,
  email: noText,
  enabled: { default: true },
  expiration_date: { default: rfc3339(0), check: date },
  first_name: noText,
  keys: noText,
  last_name: noText,
  user_id: { replaces: true },
  ...aclBehaviours("users"),
};

interface User {
  readonly comment?: string;
  readonly email?: string;
  readonly enable?: unknown;
  readonly expire?: number;
  readonly firstname?: string;
  readonly groups?: readonly string[];
  readonly keys?: string;
  readonly lastname?: string;
}

/** proxmox_virtual_environment_user: a user with a realm. The password is only ever sent. */
export function userResource(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours,
    create: createUser,
    read: readUser,
    update: updateUser,
    remove: deleteUser,
    parseImportId: (id) => ({ id, user_id: id }),
  });
}

const createUser: Operation = async (data, session, warn) => {
  const { now } = data;
  const id = now.text("user_id");
  const password = now.text("password");
  const parameters = { ...userParameters(now), userid: id, ...(password === "" ? {} : { password }) };
  await inContext("error creating user", () =>
    session.api.request("POST", "access/users", session.lifetime, parameters),
  );
  data.id = id;
  await changeInlineAcl("user", id, now.blocks("acl"), false, session);
  await readUser(data, session, warn);
};

const readUser: Operation = async (data, session) => {
  try {
    const user = (await inContext("error retrieving user", () =>
      session.api.request("GET", `access/users/${escapeSegment(data.id)}`, session.lifetime),
    )) as User;
    data.set("user_id", data.id);
    await readInlineAcl("user", data, session);
    data.set("comment", user.comment ?? "");
    data.set("email", user.email ?? "");
    data.set("enabled", user.enable === undefined || user.enable === 1);
    data.set("expiration_date", rfc3339(user.expire ?? 0));
    data.set("first_name", user.firstname ?? "");
    data.set("groups", user.groups ?? []);
    data.set("keys", user.keys ?? "");
    data.set("last_name", user.lastname ?? "");
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
    data.id = "";
  }
};

const updateUser: Operation = async (data, session, warn) => {
  const { now, id } = data;
  await inContext("error updating user", () =>
    session.api.request("PUT", `access/users/${escapeSegment(id)}`, session.lifetime, userParameters(now)),
  );
  if (data.hasChanged("password")) {
    const parameters = { userid: id, password: now.text("password") };
    await inContext("error changing user password", () =>
      session.api.request("PUT", "access/password", session.lifetime, parameters),
    );
  }
  await changeInlineAcl("user", id, data.before.blocks("acl"), true, session);
  await changeInlineAcl("user", id, now.blocks("acl"), false, session);
  await readUser(data, session, warn);
};

const deleteUser: Operation = async ({ id, now }, session) => {
  await changeInlineAcl("user", id, now.blocks("acl"), true, session);
  try {
    await inContext("error deleting user", () =>
      session.api.request("DELETE", `access/users/${escapeSegment(id)}`, session.lifetime),
    );
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
  }
};

function userParameters(values: Section): Readonly<Record<string, string>> {
  const groups = inSetOrder(values.texts("groups"));
  return {
    comment: values.text("comment"),
    email: values.text("email"),
    enable: String(Number(values.flag("enabled"))),
    expire: String(epochSeconds(values.text("expiration_date")) ?? 0),
    firstname: values.text("first_name"),
    keys: values.text("keys"),
    lastname: values.text("last_name"),
    ...(groups.length === 0 ? {} : { groups: groups.join(",") }),
  };
}
