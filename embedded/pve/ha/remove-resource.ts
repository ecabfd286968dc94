import { removeSection } from "../sections/section-file.ts";
import type { Cluster } from "../state/cluster.ts";
import { resourcesOf } from "./rules.ts";

/** Takes a resource out of HA's configuration and, with `purge`, out of its rules; a rule left without any goes too. */
export function removeHaResource({ datacenter }: Cluster, sid: string, purge: boolean): void {
  const { haResources, haRules } = datacenter.sections;
  removeSection(haResources, sid);
  delete datacenter.haServices[sid];
  if (!purge) return;
  for (const rule of haRules.filter((candidate) => resourcesOf(candidate).includes(sid))) {
    const rest = resourcesOf(rule).filter((other) => other !== sid);
    if (rest.length === 0) removeSection(haRules, rule.id);
    else rule.values["resources"] = rest.join(",");
  }
}
