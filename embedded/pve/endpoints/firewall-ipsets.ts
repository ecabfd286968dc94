import { firewallName } from "../check/firewall-formats.ts";
import { listDigest, withDigest } from "../firewall/digest.ts";
import type { FirewallScope } from "../firewall/scopes.ts";
import { badParameters, failure } from "../http/api-error.ts";
import { checkUnchanged } from "../sections/section-file.ts";
import type { FirewallConfig, IpSet, IpSetEntry } from "../state/firewall.ts";
import { type Call, type EndpointTable, flag, optionalText, text } from "./endpoint.ts";
import { bareAddress } from "./firewall-aliases.ts";

function summaries({ ipsets }: FirewallConfig): Record<string, unknown>[] {
  return ipsets
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, comment }) => ({ name, ...(comment ? { comment } : {}) }));
}

function find({ ipsets }: FirewallConfig, name: string): IpSet | undefined {
  return ipsets.find((set) => set.name === name);
}

function setOf(config: FirewallConfig, call: Call): IpSet {
  const name = text(call, "name");
  const set = find(config, name);
  if (set === undefined) throw failure(`no such IPSet '${name}'`);
  return set;
}

/** Entries in the order of their file. */
function entriesOf({ entries }: IpSet): Record<string, unknown>[] {
  return entries.toSorted((one, other) => (one.cidr < other.cidr ? -1 : 1)).map((entry) => ({ ...entry }));
}

function create(config: FirewallConfig, call: Call): null {
  const name = text(call, "name");
  const rename = optionalText(call, "rename");
  if (rename !== undefined) return renameSet(config, call, rename);
  if (find(config, name) !== undefined) throw badParameters({ name: `IPSet '${name}' already exists` });
  config.ipsets.push({ name, comment: optionalText(call, "comment"), entries: [] });
  return null;
}

/** Renames a set, or changes its comment where both names are the same. */
function renameSet(config: FirewallConfig, call: Call, rename: string): null {
  const name = text(call, "name");
  checkUnchanged(listDigest(summaries(config)), optionalText(call, "digest"));
  const set = find(config, rename);
  if (set === undefined) throw badParameters({ name: `IPSet '${rename}' does not exist` });
  if (name !== rename && find(config, name) !== undefined)
    throw badParameters({ name: `IPSet '${name}' does already exist` });
  set.name = name;
  set.comment = optionalText(call, "comment") ?? set.comment;
  return null;
}

function removeSet(config: FirewallConfig, call: Call): null {
  const set = setOf(config, call);
  if (set.entries.length > 0 && !flag(call, "force")) throw failure(`IPSet '${set.name}' is not empty`);
  config.ipsets = config.ipsets.filter((other) => other !== set);
  return null;
}

/** Finds an alias by the rules of scope: a VM's own first, then the cluster's. */
function checkAlias(config: FirewallConfig, call: Call, cidr: string): void {
  const [, , name = ""] = /^(dc\/|guest\/)?(.+)$/.exec(cidr) ?? [];
  const { cluster } = call.cluster.datacenter.firewalls;
  const isThere = [config, cluster].some(({ aliases }) =>
    aliases.some((alias) => alias.name.toLowerCase() === name.toLowerCase()),
  );
  if (!isThere) throw failure(`no such alias '${name}'`);
}

function addEntry(config: FirewallConfig, call: Call): null {
  const set = setOf(config, call);
  const sent = text(call, "cidr");
  const isAlias = new RegExp(`^(?:dc/|guest/)?${firewallName}$`).test(sent);
  if (isAlias) checkAlias(config, call, sent);
  const cidr = isAlias ? sent : bareAddress(sent);
  if (set.entries.some((entry) => entry.cidr === cidr))
    throw badParameters({ cidr: `address '${cidr}' already exists` });
  if (/\/0+$/.test(cidr)) throw badParameters({ cidr: "a zero prefix is not allowed in ipset entries" });
  set.entries.push(withSettings(call, cidr));
  return null;
}

function withSettings(call: Call, cidr: string): IpSetEntry {
  const comment = optionalText(call, "comment")?.trim();
  return { cidr, ...(flag(call, "nomatch") ? { nomatch: 1 } : {}), ...(comment ? { comment } : {}) };
}

function readEntry(config: FirewallConfig, call: Call): Record<string, unknown> {
  const cidr = text(call, "cidr");
  const entry = withDigest(entriesOf(setOf(config, call))).find((candidate) => candidate["cidr"] === cidr);
  if (entry === undefined) throw badParameters({ cidr: "no such IP/Network" });
  return entry;
}

function checkEntriesUnchanged(set: IpSet, call: Call): void {
  checkUnchanged(listDigest(entriesOf(set)), optionalText(call, "digest"));
}

function updateEntry(config: FirewallConfig, call: Call): null {
  const set = setOf(config, call);
  checkEntriesUnchanged(set, call);
  const cidr = text(call, "cidr");
  const at = set.entries.findIndex((entry) => entry.cidr === cidr);
  if (at < 0) throw badParameters({ cidr: "no such IP/Network" });
  set.entries[at] = withSettings(call, cidr);
  return null;
}

function removeEntry(config: FirewallConfig, call: Call): null {
  const set = setOf(config, call);
  checkEntriesUnchanged(set, call);
  set.entries = set.entries.filter(({ cidr }) => cidr !== text(call, "cidr"));
  return null;
}

/** The calls on a configuration's IP sets and their entries. */
export function firewallIpSetEndpoints({ path, configOf }: FirewallScope): EndpointTable {
  const set = `${path}/ipset/{name}`;
  return {
    [`GET ${path}/ipset`]: (call) => withDigest(summaries(configOf(call))),
    [`POST ${path}/ipset`]: (call) => create(configOf(call), call),
    [`GET ${set}`]: (call) => withDigest(entriesOf(setOf(configOf(call), call))),
    [`POST ${set}`]: (call) => addEntry(configOf(call), call),
    [`DELETE ${set}`]: (call) => removeSet(configOf(call), call),
    [`GET ${set}/{cidr}`]: (call) => readEntry(configOf(call), call),
    [`PUT ${set}/{cidr}`]: (call) => updateEntry(configOf(call), call),
    [`DELETE ${set}/{cidr}`]: (call) => removeEntry(configOf(call), call),
  };
}
