import { failure, permissionDenied } from "../http/api-error.ts";
import { type Call, optionalText } from "./endpoint.ts";

/** @throws ApiError 500 for a node that is not in the cluster. */
export function checkNodeExists({ cluster }: Call, node: string): void {
  if (!cluster.nodes.has(node)) throw failure(`no such cluster node '${node}'`);
}

/** @throws ApiError 403 when the `pool` parameter names a pool that does not exist. */
export function checkPoolExists(call: Call): void {
  const pool = optionalText(call, "pool");
  if (pool !== undefined && !call.cluster.pools.has(pool)) {
    throw permissionDenied(`pool '${pool}' does not exist`);
  }
}
