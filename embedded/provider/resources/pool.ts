import { ApiError, inContext } from "../api/api-error.ts";
import { getPool, memberValues, poolPath } from "../api/pools.ts";
import { legacyResource, type Operation } from "../legacy/legacy-resource.ts";
import type { ResourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";

/** proxmox_virtual_environment_pool. */
export function poolResource(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours: { comment: { default: "" }, pool_id: { replaces: true } },
    create: createPool,
    read: readPool,
    update: updatePool,
    remove: deletePool,
    parseImportId: (id) => ({ id, pool_id: id }),
  });
}

const createPool: Operation = async (data, session, warn) => {
  const id = data.now.text("pool_id");
  const parameters = { comment: data.now.text("comment"), poolid: id };
  await inContext("error creating pool", () =>
    session.api.request("POST", "pools", session.lifetime, parameters),
  );
  data.id = id;
  await readPool(data, session, warn);
};

const readPool: Operation = async (data, { api, lifetime }) => {
  try {
    const pool = await getPool(api, data.id, lifetime);
    data.set("comment", pool.comment ?? "");
    data.set("members", memberValues(pool));
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
    data.id = "";
  }
};

const updatePool: Operation = async (data, session, warn) => {
  const parameters = { comment: data.now.text("comment") };
  await inContext("error updating pool", () =>
    session.api.request("PUT", poolPath(data.id), session.lifetime, parameters),
  );
  await readPool(data, session, warn);
};

const deletePool: Operation = async (data, { api, lifetime }) => {
  try {
    await inContext("error deleting pool", () => api.request("DELETE", poolPath(data.id), lifetime));
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
  }
};
