import { inContext } from "../api/api-error.ts";
import { expectData } from "../api/expect-data.ts";
import { legacyDataSource } from "../legacy/legacy-data-source.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";

interface Group {
  readonly groupid: string;
  readonly comment?: string;
}

interface Role {
  readonly roleid: string;
  readonly privs?: string;
  readonly special?: unknown;
}

interface User {
  readonly userid: string;
  readonly comment?: string;
  readonly email?: string;
  readonly enable?: unknown;
  /** Seconds since 1970; 0 is never. */
  readonly expire?: number;
  readonly firstname?: string;
  readonly groups?: string;
  readonly keys?: string;
  readonly lastname?: string;
}

/** proxmox_virtual_environment_groups: parallel lists with one entry per group. */
export function groupsDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    read: async (_config, session) => {
      const groups = await list<Group>("groups", "failed to list access groups", "groupid", session);
      return {
        id: "groups",
        comments: groups.map(({ comment = "" }) => comment),
        group_ids: groups.map(({ groupid }) => groupid),
      };
    },
  });
}

/** proxmox_virtual_environment_roles: parallel lists with one entry per role. */
export function rolesDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    read: async (_config, session) => {
      const roles = await list<Role>("roles", "error listing roles", "roleid", session);
      return {
        id: "roles",
        privileges: roles.map(({ privs = "" }) => (privs === "" ? [] : privs.split(",").sort())),
        role_ids: roles.map(({ roleid }) => roleid),
        special: roles.map(({ special }) => isTrue(special)),
      };
    },
  });
}

/** proxmox_virtual_environment_users: parallel lists with one entry per user. */
export function usersDataSource(schema: TypeSchema): DataSourceType {
  return legacyDataSource({
    schema,
    read: async (_config, session) => {
      const users = await list<User>("users", "error listing users", "userid", session);
      return {
        id: "users",
        comments: users.map(({ comment = "" }) => comment),
        emails: users.map(({ email = "" }) => email),
        enabled: users.map(({ enable }) => enable === undefined || isTrue(enable)),
        expiration_dates: users.map(({ expire = 0 }) => dateOf(expire)),
        first_names: users.map(({ firstname = "" }) => firstname),
        groups: users.map(({ groups = "" }) => (groups === "" ? [] : groups.split(",").sort())),
        keys: users.map(({ keys = "" }) => keys),
        last_names: users.map(({ lastname = "" }) => lastname),
        user_ids: users.map(({ userid }) => userid),
      };
    },
  });
}

async function list<Item>(
  what: string,
  context: string,
  id: keyof Item,
  { api, lifetime }: ProviderSession,
): Promise<readonly Item[]> {
  const found = await inContext(context, () => api.request("GET", `access/${what}`, lifetime));
  return (expectData(found) as readonly Item[]).toSorted((one, other) => (one[id] < other[id] ? -1 : 1));
}

function isTrue(value: unknown): boolean {
  return value === 1 || value === true;
}

function dateOf(epochSeconds: number): string {
  return new Date(Math.max(epochSeconds, 0) * 1000).toISOString().replace(".000Z", "Z");
}
