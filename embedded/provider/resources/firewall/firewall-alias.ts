import { inContext } from "../../api/api-error.ts";
import { escapeSegment } from "../../api/tasks.ts";
import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import { firewallPath, scopeBehaviours } from "./firewall-scope.ts";

/**
 * proxmox_virtual_environment_firewall_alias: a name for an address. The server gives a single address back without its
 * "/32", which the real provider shows as a change for ever. An import is not supported.
 */
export function firewallAlias(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours: { comment: { default: "" }, ...scopeBehaviours },
    create: createAlias,
    read: readAlias,
    update: updateAlias,
    remove: deleteAlias,
    parseImportId: () => {
      throw new Error("resource proxmox_virtual_environment_firewall_alias doesn't support import");
    },
  });
}

const createAlias: Operation = async (data, session, warn) => {
  const { now } = data;
  const parameters = { name: now.text("name"), cidr: now.text("cidr"), comment: now.text("comment") };
  await inContext("error creating alias", () =>
    session.api.request("POST", `${firewallPath(now)}/aliases`, session.lifetime, parameters),
  );
  data.id = now.text("name");
  await readAlias(data, session, warn);
};

const readAlias: Operation = async (data, { api, lifetime }) => {
  try {
    const alias = (await inContext(`error retrieving alias '${data.id}'`, () =>
      api.request("GET", `${firewallPath(data.now)}/aliases/${escapeSegment(data.id)}`, lifetime),
    )) as { readonly name: string; readonly cidr: string; readonly comment?: string };
    data.set("comment", alias.comment ?? "");
    data.set("name", alias.name);
    data.set("cidr", alias.cidr);
  } catch (error) {
    if (!isNoSuchAlias(error)) throw error;
    data.id = "";
  }
};

const updateAlias: Operation = async (data, session, warn) => {
  const { now, id } = data;
  const parameters = { rename: now.text("name"), cidr: now.text("cidr"), comment: now.text("comment") };
  const path = `${firewallPath(now)}/aliases/${escapeSegment(id)}`;
  await inContext(`error updating alias '${id}'`, () =>
    session.api.request("PUT", path, session.lifetime, parameters),
  );
  data.id = now.text("name");
  await readAlias(data, session, warn);
};

const deleteAlias: Operation = async ({ id, now }, { api, lifetime }) => {
  try {
    await inContext(`error deleting alias '${id}'`, () =>
      api.request("DELETE", `${firewallPath(now)}/aliases/${escapeSegment(id)}`, lifetime),
    );
  } catch (error) {
    if (!isNoSuchAlias(error)) throw error;
  }
};

function isNoSuchAlias(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no such alias");
}
