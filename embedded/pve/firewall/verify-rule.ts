import {
  checkPorts,
  checkProtocol,
  firewallName,
  firewallNames,
  parseAddresses,
} from "../check/firewall-formats.ts";
import { FormatError } from "../check/format-error.ts";
import type { FirewallConfig, FirewallRule } from "../state/firewall.ts";
import type { RuleKind } from "./scopes.ts";

/** Where a rule stands, and what names it can use. */
export interface RuleContext {
  readonly kind: RuleKind;
  readonly cluster: FirewallConfig;
  /** The rule's own configuration, whose names come first. */
  readonly own: FirewallConfig;
}

/** What is wrong with a rule, by its settings in the order of finding, and the IP version that it turns out to have. */
export interface RuleVerdict {
  readonly errors: Readonly<Record<string, string>>;
  readonly ipversion: number | undefined;
}

const directions: Readonly<Record<RuleKind, readonly string[]>> = {
  vm: ["in", "out", "group"],
  group: ["in", "out", "forward"],
  cluster: ["in", "out", "forward", "group"],
  host: ["in", "out", "forward", "group"],
};

const protocolsWithPorts = new Set("udp 17 udplite 136 tcp 6 dccp 33 sctp 132".split(" "));
const icmpProtocols: Readonly<Record<string, number>> = { icmp: 4, icmpv6: 6, "ipv6-icmp": 6 };

type Report = (setting: string, text: string) => void;

/** Calls `check` and reports what it refuses. */
function reporting(report: Report, setting: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    report(setting, error.message);
  }
}

function checkDirection(rule: FirewallRule, { kind }: RuleContext, report: Report): void {
  const { type, action } = rule;
  const name = String(type);
  if (!directions[kind].includes(name)) report("type", `invalid rule type '${name}' for rule_env '${kind}'`);
  if (type === "group") {
    if (kind === "group") report("type", "security groups not allowed");
    if (!new RegExp(`^${firewallName}$`).test(String(action)))
      report("action", "invalid characters in security group name");
    return;
  }
  if (type === "forward" && action === "REJECT")
    report("action", "cannot define REJECT rules on forward chain");
  if (!/^(?:ACCEPT|DROP|REJECT)$/.test(String(action))) report("action", `unknown action '${action}'`);
}

function checkInterface({ iface }: FirewallRule, { kind }: RuleContext, report: Report): void {
  if (iface === undefined) return;
  if (kind === "group") report("type", "parameter -i not allowed for this rule type");
  if (kind === "vm" && !/^net\d+$/.test(String(iface)))
    report("iface", "value does not match the regex pattern 'net\\d+'");
}

function checkMacro({ macro }: FirewallRule, report: Report): void {
  if (macro !== undefined && !firewallNames.macros.includes(String(macro)))
    report("macro", `unknown macro '${macro}'`);
}

function checkPortSetting(rule: FirewallRule, setting: "dport" | "sport", report: Report): void {
  const ports = rule[setting];
  if (ports === undefined) return;
  const { proto } = rule;
  const isIcmp = proto !== undefined && icmpProtocols[String(proto)] !== undefined;
  reporting(report, setting, () => checkPorts(String(ports), setting === "dport" && isIcmp));
  if (proto === undefined) report("proto", `missing property - '${setting}' requires this property`);
  const takesPorts = protocolsWithPorts.has(String(proto)) || (setting === "dport" && isIcmp);
  if (!takesPorts) report(setting, `protocol '${proto ?? ""}' does not support ports`);
}

function checkIcmpType(rule: FirewallRule, report: Report): void {
  const { "icmp-type": type, proto } = rule;
  if (type === undefined) return;
  const version = icmpProtocols[String(proto)];
  if (version === undefined) report("proto", "missing property - 'icmp-type' requires this property");
  if (rule["dport"] !== undefined)
    report("icmp-type", "'icmp-type' cannot be specified together with 'dport'");
  const known = version === 6 ? firewallNames.icmpv6Types : firewallNames.icmpTypes;
  if (version !== undefined && !known.includes(String(type)))
    report("icmp-type", `invalid icmp-type '${type}' for proto '${proto}'`);
}

/** The version of an alias that a rule names; its own configuration's comes before the cluster's. */
function aliasVersion(text: string, { own, cluster }: RuleContext): number | undefined | "missing" {
  const [, scope, name = ""] = /^(guest\/|dc\/)?(.+)$/.exec(text) ?? [];
  const find = (config: FirewallConfig) =>
    config.aliases.find((alias) => alias.name.toLowerCase() === name.toLowerCase());
  const found = (scope === "dc/" ? undefined : find(own)) ?? (scope === "guest/" ? undefined : find(cluster));
  if (found !== undefined) return found.ipversion;
  return find(own) === undefined && find(cluster) === undefined ? "missing" : undefined;
}

function checkSet(setting: string, text: string, { own, cluster }: RuleContext, report: Report): void {
  const [, name] = new RegExp(`^\\+(?:guest/|dc/|sdn/)?(${firewallName})$`).exec(text) ?? [];
  if (name === undefined) {
    report(setting, `invalid ipset name '${text}'`);
    return;
  }
  const isThere = [own, cluster].some(({ ipsets }) => ipsets.some((set) => set.name === name));
  if (!isThere) report(setting, `no such ipset '${name}'`);
}

function addressVersion(
  setting: "source" | "dest",
  rule: FirewallRule,
  context: RuleContext,
  report: Report,
): number | undefined {
  const text = String(rule[setting] ?? "");
  if (text === "") return undefined;
  let version: number | undefined;
  reporting(report, setting, () => {
    version = parseAddresses(text);
  });
  if (text.startsWith("+")) checkSet(setting, text, context, report);
  else if (new RegExp(`^(?:guest/|dc/)?${firewallName}$`).test(text)) {
    const ofAlias = aliasVersion(text, context);
    if (ofAlias === "missing") report(setting, `no such alias '${text}'`);
    else version = ofAlias;
  }
  return version;
}

/** Checks a rule as pve-firewall does when it reads or writes one. */
export function verifyRule(rule: FirewallRule, context: RuleContext): RuleVerdict {
  const errors: Record<string, string> = {};
  const report: Report = (setting, text) => {
    errors[setting] ??= text;
  };
  checkDirection(rule, context, report);
  checkInterface(rule, context, report);
  checkMacro(rule, report);
  const proto = String(rule["proto"] ?? "");
  reporting(report, "proto", () => checkProtocol(proto));
  checkPortSetting(rule, "dport", report);
  checkIcmpType(rule, report);
  checkPortSetting(rule, "sport", report);
  const versions = [
    icmpProtocols[proto],
    addressVersion("source", rule, context, report),
    addressVersion("dest", rule, context, report),
  ].filter((version) => version !== undefined);
  if (new Set(versions).size > 1) report("dest", "detected mixed ipv4/ipv6 addresses in rule");
  return { errors, ipversion: versions[0] };
}
