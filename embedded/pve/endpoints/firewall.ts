import { firewallNames } from "../check/firewall-formats.ts";
import { clusterScope, type FirewallScope, nodeScope, vmScope } from "../firewall/scopes.ts";
import { PlainAnswer } from "../http/plain-answer.ts";
import type { FirewallConfig } from "../state/firewall.ts";
import { type Call, type EndpointTable, optionalText } from "./endpoint.ts";
import { firewallAliasEndpoints } from "./firewall-aliases.ts";
import { firewallGroupEndpoints } from "./firewall-groups.ts";
import { firewallIpSetEndpoints } from "./firewall-ipsets.ts";
import { firewallOptionEndpoints } from "./firewall-options.ts";
import { ruleEndpoints } from "./firewall-rules.ts";

/** Names that rules can refer to, those of one configuration. */
function references(call: Call, { ipsets, aliases }: FirewallConfig, scope: string): unknown[] {
  const type = optionalText(call, "type");
  const named = [
    ...ipsets.map(({ name, comment }) => ({ type: "ipset", name, ref: `+${name}`, comment })),
    ...aliases.map(({ name, comment }) => {
      const lower = name.toLowerCase();
      return { type: "alias", name: lower, ref: lower, comment };
    }),
  ];
  return named
    .filter((entry) => type === undefined || entry.type === type)
    .map(({ comment, ...entry }) => ({ ...entry, scope, ...(comment ? { comment } : {}) }));
}

function clusterReferences(call: Call): unknown[] {
  return references(call, clusterScope.configOf(call), "dc");
}

/** Nothing is filtered here, so nothing is ever logged. */
function emptyLog(): PlainAnswer {
  return new PlainAnswer({ data: [{ n: 1, t: "no content" }], total: 0 });
}

function scopeEndpoints(scope: FirewallScope): EndpointTable {
  const { path, kind, configOf } = scope;
  const rulesOf = (call: Call) => configOf(call).rules;
  return {
    ...firewallOptionEndpoints(scope),
    ...ruleEndpoints({ path: `${path}/rules`, kind, configOf, rulesOf }),
  };
}

/** The firewall is configured, not enforced. */
export const firewallEndpoints: EndpointTable = {
  ...scopeEndpoints(clusterScope),
  ...scopeEndpoints(nodeScope),
  ...scopeEndpoints(vmScope),
  ...firewallAliasEndpoints(clusterScope),
  ...firewallAliasEndpoints(vmScope),
  ...firewallIpSetEndpoints(clusterScope),
  ...firewallIpSetEndpoints(vmScope),
  ...firewallGroupEndpoints,
  "GET /cluster/firewall/refs": clusterReferences,
  [`GET ${vmScope.path}/refs`]: (call) => [
    ...clusterReferences(call),
    ...references(call, vmScope.configOf(call), "guest"),
  ],
  "GET /cluster/firewall/macros": () => firewallNames.macros.map((macro) => ({ macro, descr: macro })),
  [`GET ${nodeScope.path}/log`]: emptyLog,
  [`GET ${vmScope.path}/log`]: emptyLog,
};
