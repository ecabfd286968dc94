import { inContext } from "../api/api-error.ts";
import { noData } from "../api/expect-data.ts";
import type { ProviderSession } from "../provider-session.ts";

/** A node as the API lists it. */
export interface ListedNode {
  readonly node: string;
  readonly status?: string;
  readonly cpu?: number;
  readonly maxcpu?: number;
  readonly mem?: number;
  readonly maxmem?: number;
  readonly uptime?: number;
  readonly level?: string;
  readonly ssl_fingerprint?: string;
}

/** The cluster's nodes, sorted by name. */
export async function listNodes({ api, lifetime }: ProviderSession): Promise<readonly ListedNode[]> {
  const list = await inContext("failed to get nodes", () => api.request("GET", "nodes", lifetime));
  if (!Array.isArray(list)) throw new Error(noData);
  return (list as readonly ListedNode[]).toSorted((left, right) => (left.node < right.node ? -1 : 1));
}
