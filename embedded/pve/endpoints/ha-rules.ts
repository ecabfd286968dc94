import { splitList } from "../check/split-list.ts";
import { checkRules } from "../ha/check-rules.ts";
import { noteHaChange } from "../ha/ha-rounds.ts";
import { resourcesOf } from "../ha/rules.ts";
import { ApiError, failure } from "../http/api-error.ts";
import type { SectionApi } from "../sections/section-api.ts";
import { sectionEndpoints } from "../sections/section-endpoints.ts";
import { findSection } from "../sections/section-file.ts";
import type { Section, SectionValues } from "../state/section.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";

function sortedUnique(list: unknown): string[] {
  return [...new Set(splitList(String(list)))].sort();
}

/** Resources and nodes are kept sorted; a priority of 0 is not written. A rule that is not disabled has no such key. */
function normalize(_call: Call, _id: string, settings: SectionValues): SectionValues {
  const { resources, nodes, disable, ...rest } = settings;
  return {
    ...rest,
    ...(disable === 1 ? { disable } : {}),
    ...(resources === undefined ? {} : { resources: sortedUnique(resources).join(",") }),
    ...(nodes === undefined
      ? {}
      : {
          nodes: sortedUnique(nodes)
            .map((node) => node.replace(/:0+$/, ""))
            .join(","),
        }),
  };
}

function checkManaged({ cluster }: Call, rule: Section): void {
  const sids = resourcesOf(rule);
  if (sids.length === 0) throw failure("no resources were specified");
  const { haResources } = cluster.datacenter.sections;
  const unmanaged = sids.filter((sid) => findSection(haResources, sid) === undefined);
  if (unmanaged.length > 0) throw failure(`cannot use unmanaged resource(s) ${unmanaged.join(", ")}.`);
}

function checkNodes({ cluster }: Call, { values }: Section): void {
  const names = splitList(String(values["nodes"])).map((entry) => entry.split(":")[0] ?? "");
  if (names.length === 0) throw failure("no nodes were specified");
  const missing = names.filter((node) => !cluster.nodes.has(node));
  if (missing.length > 0) throw failure(`cannot use non-existent node(s) ${missing.join(", ")}.`);
}

/** @throws ApiError when the rule cannot be followed beside the others. */
function verify(call: Call, rule: Section, settings: Readonly<SectionValues>): void {
  if (settings["resources"] !== undefined) checkManaged(call, rule);
  if (settings["nodes"] !== undefined) checkNodes(call, rule);
  const others = call.cluster.datacenter.sections.haRules.filter(({ id }) => id !== rule.id);
  const errors = checkRules([...others, rule], call.cluster.nodes.size).get(rule.id);
  if (errors === undefined) return;
  throw new ApiError(400, `Rule '${rule.id}' is invalid.`, { errors: { resources: errors.join(", ") } });
}

function present({ cluster }: Call, rule: Section, digest: string): Record<string, unknown> {
  const rules = cluster.datacenter.sections.haRules;
  const errors = checkRules(rules, cluster.nodes.size).get(rule.id);
  return {
    ...rule.values,
    rule: rule.id,
    type: rule.type,
    digest,
    order: rules.indexOf(rule) + 1,
    ...(errors === undefined ? {} : { errors: { resources: errors } }),
  };
}

function isWanted(call: Call, rule: Section): boolean {
  const [type, resource] = [optionalText(call, "type"), optionalText(call, "resource")];
  return (
    (type === undefined || rule.type === type) &&
    (resource === undefined || resourcesOf(rule).includes(resource))
  );
}

const rules: SectionApi = {
  path: "/cluster/ha/rules",
  idName: "rule",
  file: "haRules",
  typeOf: (call) => text(call, "type"),
  words: {
    taken: (rule) => failure(`HA rule '${rule}' already defined`),
    unread: (rule) => failure(`no such ha rule '${rule}'`),
    missing: (rule) => failure(`HA rule '${rule}' does not exist`),
    createFailed: "create ha rule failed: ",
    updateFailed: "update HA rules failed: ",
  },
  prepare: normalize,
  verify,
  present,
  isVisible: isWanted,
  changed: ({ cluster }) => noteHaChange(cluster),
};

export const haRuleEndpoints: EndpointTable = sectionEndpoints([rules]);
