import type { Section } from "../state/section.ts";
import { prioritiesOf, resourcesOf } from "./rules.ts";

/** Rule id to what is wrong with its resources. */
export type RuleErrors = ReadonlyMap<string, readonly string[]>;

/** One thing that cannot be wanted at once: rules in it, and the words for each. */
type RuleCheck = (rules: ActiveRules, nodeCount: number) => readonly (readonly [id: string, text: string])[];

interface ActiveRules {
  readonly nodeRules: readonly Section[];
  readonly positive: readonly Section[];
  readonly negative: readonly Section[];
}

function shared(one: Section, other: Section): string[] {
  const others = new Set(resourcesOf(other));
  return resourcesOf(one).filter((sid) => others.has(sid));
}

const usedInTwoNodeRules: RuleCheck = ({ nodeRules }) =>
  nodeRules.flatMap((rule) =>
    resourcesOf(rule)
      .filter((sid) => nodeRules.some((other) => other !== rule && resourcesOf(other).includes(sid)))
      .map((sid) => [rule.id, `resource '${sid}' is already used in another node affinity rule`] as const),
  );

const fewerThanTwo: RuleCheck = ({ positive, negative }) =>
  [...positive, ...negative]
    .filter((rule) => resourcesOf(rule).length < 2)
    .map((rule) => [rule.id, "rule is ineffective as there are less than two resources"]);

const moreThanNodes: RuleCheck = ({ negative }, nodeCount) =>
  negative
    .filter((rule) => resourcesOf(rule).length > nodeCount)
    .map((rule) => [rule.id, "rule defines more resources than available nodes"]);

const togetherAndApart: RuleCheck = ({ positive, negative }) =>
  positive.flatMap((keep) =>
    negative
      .filter((part) => shared(keep, part).length > 1)
      .flatMap((part) => [
        [part.id, "rule shares two or more resources with a positive resource affinity rule"] as const,
        [keep.id, "rule shares two or more resources with a negative resource affinity rule"] as const,
      ]),
  );

const severalPriorities: RuleCheck = ({ nodeRules, positive, negative }) =>
  [...positive, ...negative].flatMap((rule) => {
    const paired = nodeRules.filter((nodeRule) => shared(rule, nodeRule).length > 0);
    if (!paired.some((nodeRule) => new Set(prioritiesOf(nodeRule).values()).size > 1)) return [];
    return [
      [rule.id, "resources are in node affinity rules with multiple priorities"] as const,
      ...paired.map(
        ({ id }) =>
          [
            id,
            "resources are in a resource affinity rule and cannot be in a node affinity rule with multiple priorities",
          ] as const,
      ),
    ];
  });

const tooFewNodesToPart: RuleCheck = ({ nodeRules, negative }) =>
  negative.flatMap((rule) => {
    const paired = nodeRules.filter((nodeRule) => shared(rule, nodeRule).length > 0);
    const nodes = new Set(paired.flatMap((nodeRule) => [...prioritiesOf(nodeRule).keys()]));
    const located = new Set(paired.flatMap((nodeRule) => shared(rule, nodeRule)));
    if (nodes.size >= located.size) return [];
    return [
      [
        rule.id,
        "two or more resources are restricted to less nodes than available to the resources",
      ] as const,
      ...paired.map(
        ({ id }) =>
          [
            id,
            "at least one resource is in a negative resource affinity rule and this rule would restrict these to less nodes than available to the resources",
          ] as const,
      ),
    ];
  });

const keptTogetherInSeveralNodeRules: RuleCheck = ({ nodeRules, positive }) =>
  positive.flatMap((rule) => {
    const paired = nodeRules.filter((nodeRule) => shared(rule, nodeRule).length > 0);
    if (paired.length < 2) return [];
    return [
      [rule.id, "resources are in multiple node affinity rules"] as const,
      ...paired.map(
        ({ id }) =>
          [
            id,
            "at least one resource is in a positive resource affinity rule and there are other resources in at least one other node affinity rule already",
          ] as const,
      ),
    ];
  });

const checks: readonly RuleCheck[] = [
  usedInTwoNodeRules,
  fewerThanTwo,
  moreThanNodes,
  togetherAndApart,
  severalPriorities,
  keptTogetherInSeveralNodeRules,
  tooFewNodesToPart,
];

/** Everything that cannot be followed among the rules that are switched on, in pve-ha-manager's words. */
export function checkRules(rules: readonly Section[], nodeCount: number): RuleErrors {
  const active = rules.filter((rule) => rule.values["disable"] !== 1);
  const ofType = (type: string) => active.filter((rule) => rule.type === type);
  const withAffinity = (affinity: string) =>
    ofType("resource-affinity").filter((rule) => rule.values["affinity"] === affinity);
  const groups = {
    nodeRules: ofType("node-affinity"),
    positive: withAffinity("positive"),
    negative: withAffinity("negative"),
  };
  const found = checks.flatMap((check) => check(groups, nodeCount));
  const errors = new Map<string, string[]>();
  for (const [id, text] of found) errors.set(id, [...(errors.get(id) ?? []), text]);
  return errors;
}
