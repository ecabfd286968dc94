import { firewallNames } from "../check/firewall-formats.ts";
import { splitList } from "../check/split-list.ts";
import { listDigest, withDigest } from "../firewall/digest.ts";
import type { RuleKind } from "../firewall/scopes.ts";
import { verifyRule } from "../firewall/verify-rule.ts";
import { badParameters, failure } from "../http/api-error.ts";
import { checkUnchanged } from "../sections/section-file.ts";
import type { FirewallConfig, FirewallRule } from "../state/firewall.ts";
import { type Call, type EndpointTable, integer, optionalText } from "./endpoint.ts";

/** A list of rules as the API reaches it. */
export interface RuleList {
  /** `/cluster/firewall/rules`; a rule lies below it, by its position. */
  readonly path: string;
  readonly kind: RuleKind;
  /** The rules themselves, to be changed in place. */
  readonly rulesOf: (call: Call) => FirewallRule[];
  readonly configOf: (call: Call) => FirewallConfig;
}

const settings = "type action macro iface source dest proto enable log sport dport comment icmp-type".split(
  " ",
);

/** Rules that refer to a group have these only. */
const groupSettings = new Set(["type", "action", "enable", "iface", "comment"]);

/** Puts the sent settings over a rule's; an empty text or a dash takes one away. */
function merge(rule: FirewallRule, call: Call): FirewallRule {
  const merged = { ...rule };
  for (const name of settings) {
    const value = call.parameters[name];
    if (value === undefined) continue;
    if (value === "" || value === "-") delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

/** A rule as it is found again in its file. */
function normalize(rule: FirewallRule): FirewallRule {
  const macro = firewallNames.macros.find(
    (name) => name.toLowerCase() === String(rule["macro"]).toLowerCase(),
  );
  const comment = String(rule["comment"] ?? "").trim();
  const { comment: _comment, macro: _macro, ...rest } = rule;
  const entries = Object.entries({
    ...rest,
    enable: rule["enable"] ? 1 : 0,
    ...(macro === undefined ? {} : { macro }),
    ...(comment === "" ? {} : { comment }),
  });
  return Object.fromEntries(entries.filter(([name]) => rule["type"] !== "group" || groupSettings.has(name)));
}

function contextOf({ kind, configOf }: RuleList, call: Call) {
  return { kind, cluster: call.cluster.datacenter.firewalls.cluster, own: configOf(call) };
}

function checkRule(list: RuleList, call: Call, rule: FirewallRule): void {
  const [first] = Object.entries(verifyRule(rule, contextOf(list, call)).errors);
  if (first !== undefined) throw badParameters({ [first[0]]: `${first[1]}` });
}

/** Rules with what reading them finds: their IP version, and what became wrong since they were written. */
function shownRules(list: RuleList, call: Call): Record<string, unknown>[] {
  const context = contextOf(list, call);
  return withDigest(
    list.rulesOf(call).map((rule) => {
      const { errors, ipversion } = verifyRule(rule, context);
      return {
        ...rule,
        ...(ipversion === undefined ? {} : { ipversion }),
        ...(Object.keys(errors).length === 0 ? {} : { errors }),
      };
    }),
  );
}

function checkListUnchanged(list: RuleList, call: Call): void {
  const [first] = shownRules(list, call);
  checkUnchanged(String(first?.["digest"] ?? listDigest([])), optionalText(call, "digest"));
}

function positionOf(list: RuleList, call: Call): number {
  const position = integer(call, "pos");
  if (position >= list.rulesOf(call).length) throw failure(`no rule at position ${position}`);
  return position;
}

/** A new rule is always the first. */
function create(list: RuleList, call: Call): null {
  const rule = merge({}, call);
  checkRule(list, call, { ...rule, ...macroOf(rule) });
  list.rulesOf(call).unshift(normalize(rule));
  return null;
}

function macroOf(rule: FirewallRule): FirewallRule {
  const { macro } = normalize(rule);
  return macro === undefined ? {} : { macro };
}

function move(rules: FirewallRule[], from: number, to: number): void {
  const [rule] = rules.splice(from, 1);
  // The target is a position of the list as it was, so it shifts for a rule that came from above it.
  if (rule !== undefined) rules.splice(to > from ? Math.max(to - 1, 0) : to, 0, rule);
}

function removeSettings(rule: FirewallRule, names: readonly string[]): void {
  for (const name of names) {
    if (!settings.includes(name)) throw badParameters({ delete: `no such property ('${name}')` });
    if (name === "type" || name === "action")
      throw badParameters({ delete: `unable to delete required property '${name}'` });
    delete rule[name];
  }
}

function update(list: RuleList, call: Call): null {
  checkListUnchanged(list, call);
  const position = positionOf(list, call);
  const rules = list.rulesOf(call);
  const { moveto } = call.parameters;
  if (moveto !== undefined && moveto !== position) {
    move(rules, position, Number(moveto));
    return null;
  }
  const rule = merge(rules[position] ?? {}, call);
  removeSettings(rule, splitList(call.parameters["delete"]));
  checkRule(list, call, { ...rule, ...macroOf(rule) });
  rules[position] = normalize(rule);
  return null;
}

function remove(list: RuleList, call: Call): null {
  checkListUnchanged(list, call);
  list.rulesOf(call).splice(positionOf(list, call), 1);
  return null;
}

/** One rule says its position as text, as it stood in the path. */
function read(list: RuleList, call: Call): Record<string, unknown> {
  const position = positionOf(list, call);
  return { ...shownRules(list, call)[position], pos: String(position) };
}

/** The calls on a list of rules. */
export function ruleEndpoints(list: RuleList): EndpointTable {
  const { path } = list;
  return {
    [`GET ${path}`]: (call) => shownRules(list, call).map((rule, pos) => ({ ...rule, pos })),
    [`POST ${path}`]: (call) => create(list, call),
    [`GET ${path}/{pos}`]: (call) => read(list, call),
    [`PUT ${path}/{pos}`]: (call) => update(list, call),
    [`DELETE ${path}/{pos}`]: (call) => remove(list, call),
  };
}
