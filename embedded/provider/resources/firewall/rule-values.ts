import { deletion } from "../../api/deletion.ts";
import type { Behaviours } from "../../legacy/field.ts";
import type { Section } from "../../legacy/section.ts";
import type { Value, ValueObject } from "../../wire/value.ts";
import { oneOfAnyCase } from "../vm/checks.ts";
import { policy } from "./firewall-options.ts";
import { scopeBehaviours } from "./firewall-scope.ts";

/** A rule as the server gives it. */
export type ServerRule = Readonly<Record<string, unknown>> & {
  readonly action: string;
  readonly type: string;
};

/** What makes a rule the same rule; the rest of it can be changed in place. */
const identity = ["type", "action", "dest", "dport", "source", "sport", "proto", "macro", "iface"] as const;

/** Sent even when they are empty. */
const plainTexts = ["comment", "dest", "dport", "macro", "proto", "source", "sport"] as const;
const groupTexts = ["comment"] as const;
/** Sent when they say something. */
const plainOptionals = ["iface", "log"] as const;
const groupOptionals = ["iface"] as const;

/** Removed by name when they are empty now and were not before. */
const plainRemovable = [
  "comment",
  "dport",
  "dest",
  "iface",
  "log",
  "macro",
  "proto",
  "source",
  "sport",
] as const;
const groupRemovable = ["comment", "iface"] as const;

const noText = { default: "" };

/** Defaults and checks of a list of rules. */
export const ruleBehaviours: Behaviours = {
  "rule.pos": { computed: true },
  "rule.security_group": noText,
  "rule.action": { check: policy },
  "rule.type": { check: oneOfAnyCase("in", "out", "forward") },
  "rule.comment": noText,
  "rule.dest": noText,
  "rule.dport": noText,
  "rule.enabled": { default: true },
  "rule.iface": noText,
  "rule.log": noText,
  "rule.macro": noText,
  "rule.proto": noText,
  "rule.source": noText,
  "rule.sport": noText,
  ...scopeBehaviours,
};

/** The parameters that make a rule. Throws when the block says neither what to do nor which group is meant. */
export function newRuleParameters(rule: Section): Readonly<Record<string, string>> {
  if (isGroup(rule)) return { ...ruleParameters(rule), action: rule.text("security_group"), type: "group" };
  const [action, type] = [rule.text("action"), rule.text("type")];
  if (action === "" || type === "") {
    throw new Error("either 'security_group' OR both 'action' and 'type' must be defined");
  }
  return { ...ruleParameters(rule), action, type };
}

/** The parameters that change a rule in place. */
export function changedRuleParameters(rule: Section, before: Section): Readonly<Record<string, string>> {
  const removed = (isGroup(rule) ? groupRemovable : plainRemovable).filter(
    (key) => rule.text(key) === "" && before.text(key) !== "",
  );
  const kind = isGroup(rule) ? {} : given(rule, ["action", "type"]);
  return {
    ...ruleParameters(rule),
    ...kind,
    ...deletion(removed),
  };
}

/** What tells a rule of the configuration from others. */
export function signatureOf(rule: Section): string {
  return isGroup(rule)
    ? ["group", rule.text("security_group"), rule.text("iface")].join(":")
    : ["rule", ...identity.map((key) => rule.text(key))].join(":");
}

/** The same for a rule that the server has. */
export function serverSignature(rule: ServerRule): string {
  const text = (key: string): string => String(rule[key] ?? "");
  return rule.type === "group"
    ? ["group", rule.action, text("iface")].join(":")
    : ["rule", ...identity.map(text)].join(":");
}

/** The block for a rule that the server has. */
export function ruleBlock(position: number, rule: ServerRule): ValueObject {
  const isSecurityGroup = rule.type === "group";
  const keys: readonly string[] = isSecurityGroup
    ? [...groupTexts, ...groupOptionals]
    : [...plainTexts, ...plainOptionals];
  const kind: ValueObject = isSecurityGroup
    ? { security_group: rule.action }
    : { action: rule.action, type: rule.type };
  const texts = keys.map((key): readonly [string, Value] => [
    key,
    rule[key] === undefined ? null : String(rule[key]),
  ]);
  return {
    pos: position,
    ...kind,
    ...Object.fromEntries(texts),
    enabled: rule["enable"] === 1 || rule["enable"] === true,
  };
}

function ruleParameters(rule: Section): Readonly<Record<string, string>> {
  const [texts, optionals] = isGroup(rule) ? [groupTexts, groupOptionals] : [plainTexts, plainOptionals];
  return {
    ...Object.fromEntries(texts.map((key) => [key, rule.text(key)])),
    enable: String(Number(rule.flag("enabled"))),
    ...given(rule, optionals),
  };
}

function given(rule: Section, keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    keys.map((key) => [key, rule.text(key)] as const).filter(([, value]) => value !== ""),
  );
}

function isGroup(rule: Section): boolean {
  return rule.text("security_group") !== "";
}
