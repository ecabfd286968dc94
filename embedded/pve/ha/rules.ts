import { splitList } from "../check/split-list.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Section } from "../state/section.ts";

/** A rule's HA resources. */
export function resourcesOf({ values }: Section): string[] {
  return splitList(String(values["resources"] ?? ""));
}

/** Nodes of a node affinity rule with their priorities; the highest is preferred, 0 where none is written. */
export function prioritiesOf({ values }: Section): ReadonlyMap<string, number> {
  const entries = splitList(String(values["nodes"] ?? "")).map((entry) => entry.split(":"));
  return new Map(entries.map(([node = "", priority]) => [node, Number(priority ?? 0)]));
}

/** The rules of a type that are not switched off. */
function activeRules({ datacenter }: Cluster, type: string): Section[] {
  return datacenter.sections.haRules.filter((rule) => rule.type === type && rule.values["disable"] !== 1);
}

/** Other resources that a resource must share its node with (`positive`) or must not (`negative`). */
export function boundResources(cluster: Cluster, sid: string, affinity: "positive" | "negative"): string[] {
  const others = activeRules(cluster, "resource-affinity")
    .filter((rule) => rule.values["affinity"] === affinity && resourcesOf(rule).includes(sid))
    .flatMap(resourcesOf);
  return [...new Set(others)].filter((other) => other !== sid).sort();
}

/** The node affinity rule of a resource; there is at most one. */
export function nodeRuleOf(cluster: Cluster, sid: string): Section | undefined {
  return activeRules(cluster, "node-affinity").find((rule) => resourcesOf(rule).includes(sid));
}
