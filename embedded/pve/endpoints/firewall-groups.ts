import { listDigest, withDigest } from "../firewall/digest.ts";
import { badParameters, failure } from "../http/api-error.ts";
import { checkUnchanged } from "../sections/section-file.ts";
import type { FirewallConfig, Firewalls, SecurityGroup } from "../state/firewall.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";
import { ruleEndpoints } from "./firewall-rules.ts";

function clusterConfig({ cluster }: Call): FirewallConfig {
  return cluster.datacenter.firewalls.cluster;
}

function summaries({ groups }: FirewallConfig): Record<string, unknown>[] {
  return groups
    .toSorted((one, other) => (one.group < other.group ? -1 : 1))
    .map(({ group, comment }) => ({ group, ...(comment ? { comment } : {}) }));
}

function find({ groups }: FirewallConfig, name: string): SecurityGroup | undefined {
  return groups.find(({ group }) => group === name);
}

function groupOf(call: Call): SecurityGroup {
  const name = text(call, "group");
  const group = find(clusterConfig(call), name);
  if (group === undefined) throw failure(`no such security group '${name}'`);
  return group;
}

/** Every rule that refers to the group follows its new name. */
function renameInRules({ cluster, nodes, vms }: Firewalls, before: string, after: string): void {
  for (const { rules } of [cluster, ...Object.values(nodes), ...Object.values(vms)]) {
    for (const rule of rules) {
      if (rule["type"] === "group" && rule["action"] === before) rule["action"] = after;
    }
  }
}

function rename(call: Call, before: string): null {
  const config = clusterConfig(call);
  const name = text(call, "group");
  checkUnchanged(listDigest(summaries(config)), optionalText(call, "digest"));
  const group = find(config, before);
  if (group === undefined) throw badParameters({ group: `Security group '${before}' does not exist` });
  if (name !== before && find(config, name) !== undefined)
    throw badParameters({ group: `Security group '${name}' does already exist` });
  group.group = name;
  group.comment = optionalText(call, "comment") ?? group.comment;
  renameInRules(call.cluster.datacenter.firewalls, before, name);
  return null;
}

function create(call: Call): null {
  const config = clusterConfig(call);
  const before = optionalText(call, "rename");
  if (before !== undefined) return rename(call, before);
  const name = text(call, "group");
  if (find(config, name) !== undefined)
    throw badParameters({ group: `Security group '${name}' already exists` });
  config.groups.push({ group: name, comment: optionalText(call, "comment"), rules: [] });
  return null;
}

function remove(call: Call): null {
  const config = clusterConfig(call);
  const group = groupOf(call);
  if (group.rules.length > 0) throw failure(`Security group '${group.group}' is not empty`);
  config.groups = config.groups.filter((other) => other !== group);
  return null;
}

const path = "/cluster/firewall/groups";

/** The calls on security groups and their rules. */
export const firewallGroupEndpoints: EndpointTable = {
  [`GET ${path}`]: (call) => withDigest(summaries(clusterConfig(call))),
  [`POST ${path}`]: create,
  ...ruleEndpoints({
    path: `${path}/{group}`,
    kind: "group",
    configOf: clusterConfig,
    rulesOf: (call) => groupOf(call).rules,
  }),
  [`DELETE ${path}/{group}`]: remove,
};
