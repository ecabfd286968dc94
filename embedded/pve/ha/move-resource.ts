import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { noteHaChange } from "./ha-rounds.ts";
import { haServiceOf, isHaManaged } from "./managed-resources.ts";
import { parseSid } from "./resource-id.ts";
import { boundResources } from "./rules.ts";

/** A resource that keeps another one off a node. */
interface BlockingResource {
  readonly sid: string;
  readonly cause: "resource-affinity";
}

/** Resources on (or on their way to) the node that the moved one must not share it with. */
function blockersOn(cluster: Cluster, sid: string, node: string): BlockingResource[] {
  return boundResources(cluster, sid, "negative")
    .filter((other) => {
      const service = haServiceOf(cluster, other);
      const at = cluster.vms.get(parseSid(cluster, other).vmid)?.node;
      return service !== undefined && (service.target ?? at) === node;
    })
    .map((other) => ({ sid: other, cause: "resource-affinity" }));
}

/** Asks the manager to move resources; one that it does not know, and nodes that are not there, are passed over. */
function ask(cluster: Cluster, sids: readonly string[], node: string, isRelocated: boolean): void {
  if (!cluster.nodes.has(node) || cluster.downNodes.has(node)) return;
  for (const sid of sids) {
    const service = haServiceOf(cluster, sid);
    if (service !== undefined) Object.assign(service, { target: node, isRelocated });
  }
  noteHaChange(cluster);
}

/**
 * Requests that a resource moves to a node, together with those that must stay with it; nothing moves while one that
 * must not be near it is there.
 *
 * @throws ApiError 500 for resources that HA does not manage.
 */
export function moveResource(
  cluster: Cluster,
  sid: string,
  node: string,
  isRelocated: boolean,
): Record<string, unknown> {
  if (!isHaManaged(cluster, parseSid(cluster, sid).vmid))
    throw failure(`resource '${sid}' is not HA managed`);
  const together = boundResources(cluster, sid, "positive").filter(
    (other) => haServiceOf(cluster, other) !== undefined,
  );
  const blocking = blockersOn(cluster, sid, node);
  if (blocking.length === 0) ask(cluster, [sid, ...together], node, isRelocated);
  return {
    sid,
    "requested-node": node,
    ...(together.length === 0 ? {} : { "comigrated-resources": together }),
    ...(blocking.length === 0 ? {} : { "blocking-resources": blocking }),
  };
}
