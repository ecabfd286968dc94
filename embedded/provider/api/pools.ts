import type { ValueObject } from "../wire/value.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiError, inContext } from "./api-error.ts";
import type { Deadline } from "./deadline.ts";
import { noData } from "./expect-data.ts";

/** A pool with its members. */
export interface Pool {
  readonly comment?: string;
  readonly members: readonly PoolMember[];
}

/** A VM or datastore in a pool. */
interface PoolMember {
  readonly id: string;
  readonly node: string;
  readonly type: string;
  readonly storage?: string;
  readonly vmid?: number;
}

/** The ids of all pools, sorted. */
export async function listPoolIds(api: ApiClient, deadline: Deadline): Promise<readonly string[]> {
  const list = await inContext("error listing pools", () => api.request("GET", "pools", deadline));
  if (!Array.isArray(list)) throw new Error(noData);
  return (list as readonly { poolid: string }[]).map(({ poolid }) => poolid).sort();
}

/** One pool; throws an ApiError with `isNotFound` when there is none. */
export async function getPool(api: ApiClient, id: string, deadline: Deadline): Promise<Pool> {
  const list = await inContext("error getting pool", () => api.request("GET", poolPath(id), deadline));
  const [pool] = list as readonly Partial<Pool>[];
  if (pool === undefined) throw new ApiError(0, "the requested resource does not exist", true);
  const members = (pool.members ?? []).toSorted((left, right) => (left.id < right.id ? -1 : 1));
  return { ...pool, members };
}

/** The pool that a member ("qemu/101") is in, "" if none: asks for one pool after the other. */
export async function findPoolOf(api: ApiClient, member: string, deadline: Deadline): Promise<string> {
  for (const id of await listPoolIds(api, deadline)) {
    if (await hasMember(api, id, member, deadline)) return id;
  }
  return "";
}

// A pool that vanishes between the calls holds no member any more.
async function hasMember(api: ApiClient, id: string, member: string, deadline: Deadline): Promise<boolean> {
  try {
    return (await getPool(api, id, deadline)).members.some((one) => one.id === member);
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return false;
    throw error;
  }
}

/** The path of one pool: its id is a parameter, since it may contain slashes. */
export function poolPath(id: string): string {
  return `pools?poolid=${encodeURIComponent(id)}`;
}

/** The attributes of a pool's members. */
export function memberValues(pool: Pool): readonly ValueObject[] {
  return pool.members.map((member) => ({
    id: member.id,
    node_name: member.node,
    datastore_id: member.storage ?? "",
    type: member.type,
    vm_id: member.vmid ?? 0,
  }));
}
