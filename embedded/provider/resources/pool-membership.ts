import { inContext } from "../api/api-error.ts";
import { getPool, poolPath } from "../api/pools.ts";
import { ProviderFailure } from "../failure.ts";
import { type AttributeRules, identifying, resourceId } from "../framework/attribute-rules.ts";
import { atLeastOneOf, conflicting } from "../framework/combination-checks.ts";
import { frameworkResource } from "../framework/framework-resource.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { ResourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { ValueObject } from "../wire/value.ts";

const rules: AttributeRules = {
  id: resourceId,
  pool_id: identifying,
  vm_id: identifying,
  storage_id: identifying,
};

/** proxmox_pool_membership: one machine or datastore in a pool; a machine is taken out of its old pool. */
export function poolMembership(schema: TypeSchema): ResourceType {
  return frameworkResource({
    schema,
    rules,
    checks: [conflicting("vm_id", "storage_id"), atLeastOneOf("vm_id", "storage_id")],
    create: async (planned, session) => {
      const type = (planned["vm_id"] ?? null) === null ? "storage" : "vm";
      const pool = String(planned["pool_id"]);
      const member = { ...planned, type };
      await changePool(`Unable to update resource pool '${pool}'`, member, { "allow-move": "1" }, session);
      return { ...member, id: `${pool}/${type}/${memberId(member)}` };
    },
    read: async (state, session) => ((await isMember(state, session)) ? state : undefined),
    update: () =>
      Promise.reject(
        failure(
          "Update Not Supported",
          "All attributes require replacement. This resource cannot be updated in-place",
        ),
      ),
    remove: (state, session) =>
      changePool(`Unable to update pool '${String(state["pool_id"])}'`, state, { delete: "1" }, session),
    importState: async (id) => parseMembershipId(id),
  });
}

async function changePool(
  summary: string,
  member: ValueObject,
  how: Readonly<Record<string, string>>,
  { api, lifetime }: ProviderSession,
): Promise<void> {
  const parameters = { ...how, [member["type"] === "vm" ? "vms" : "storage"]: memberId(member) };
  try {
    await inContext("error updating pool", () =>
      api.request("PUT", poolPath(String(member["pool_id"])), lifetime, parameters),
    );
  } catch (error) {
    throw failure(summary, error instanceof Error ? error.message : String(error));
  }
}

async function isMember(state: ValueObject, { api, lifetime }: ProviderSession): Promise<boolean> {
  const pool = String(state["pool_id"]);
  try {
    const { members } = await getPool(api, pool, lifetime);
    return members.some((one) =>
      state["type"] === "vm" ? one.vmid === state["vm_id"] : one.storage === state["storage_id"],
    );
  } catch (error) {
    throw failure(`Unable to get pool '${pool}'`, error instanceof Error ? error.message : String(error));
  }
}

function memberId(member: ValueObject): string {
  return String(member["type"] === "vm" ? member["vm_id"] : member["storage_id"]);
}

function parseMembershipId(id: string): ValueObject {
  const [pool = "", type, member = "", ...rest] = id.split("/");
  const bad = (detail: string): ProviderFailure =>
    failure("Unable to import pool membership", `failed to parse ID: ${detail}`);
  if (type === undefined || rest.length > 0 || id.split("/").length !== 3) {
    throw bad(
      `invalid pool membership ID format ${JSON.stringify(id)}, expected: {pool_id}/{type}/{member_id}`,
    );
  }
  if (type === "storage") return { id, pool_id: pool, type, storage_id: member };
  if (type !== "vm") throw bad("invalid pool membership type");
  if (!/^[+-]?\d+$/.test(member)) {
    throw bad(
      `wrong vm_id format: ${member}\nstrconv.ParseInt: parsing ${JSON.stringify(member)}: invalid syntax`,
    );
  }
  return { id, pool_id: pool, type, vm_id: Number(member) };
}

function failure(summary: string, detail: string): ProviderFailure {
  return new ProviderFailure([{ severity: "ERROR", summary, detail }]);
}
