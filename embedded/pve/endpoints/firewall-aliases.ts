import { isIP } from "node:net";
import { listDigest, withDigest } from "../firewall/digest.ts";
import type { FirewallScope } from "../firewall/scopes.ts";
import { badParameters } from "../http/api-error.ts";
import { checkUnchanged } from "../sections/section-file.ts";
import type { FirewallAlias, FirewallConfig } from "../state/firewall.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";

/** A single address is kept without the prefix that says so. */
export function bareAddress(cidr: string): string {
  return isIP(cidr.split("/")[0] ?? "") === 6 ? cidr.replace(/\/128$/, "") : cidr.replace(/\/32$/, "");
}

/** Aliases by name; capitals and small letters are the same. */
function sorted({ aliases }: FirewallConfig): FirewallAlias[] {
  const key = ({ name }: FirewallAlias) => name.toLowerCase();
  return aliases.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}

function find({ aliases }: FirewallConfig, name: string): FirewallAlias | undefined {
  return aliases.find((alias) => alias.name.toLowerCase() === name.toLowerCase());
}

function require(config: FirewallConfig, name: string): FirewallAlias {
  const alias = find(config, name);
  if (alias === undefined) throw badParameters({ name: "no such alias" });
  return alias;
}

function checkListUnchanged(config: FirewallConfig, call: Call): void {
  checkUnchanged(listDigest(sorted(config).map((alias) => ({ ...alias }))), optionalText(call, "digest"));
}

function aliasOf(call: Call, name: string): FirewallAlias {
  const cidr = bareAddress(text(call, "cidr"));
  const comment = optionalText(call, "comment")?.trim();
  return { name, cidr, ipversion: isIP(cidr.split("/")[0] ?? ""), ...(comment ? { comment } : {}) };
}

function create(config: FirewallConfig, call: Call): null {
  const name = text(call, "name");
  if (find(config, name) !== undefined) throw badParameters({ name: `alias '${name}' already exists` });
  config.aliases.push(aliasOf(call, name));
  return null;
}

function update(config: FirewallConfig, call: Call): null {
  checkListUnchanged(config, call);
  const name = text(call, "name");
  const alias = require(config, name);
  const rename = optionalText(call, "rename") ?? name;
  const isOther = rename.toLowerCase() !== name.toLowerCase();
  if (isOther && find(config, rename) !== undefined)
    throw badParameters({ name: `alias '${rename}' already exists` });
  config.aliases[config.aliases.indexOf(alias)] = aliasOf(call, isOther ? rename : name);
  return null;
}

/** An alias that is not there is removed without a word. */
function remove(config: FirewallConfig, call: Call): null {
  checkListUnchanged(config, call);
  const alias = find(config, text(call, "name"));
  config.aliases = config.aliases.filter((other) => other !== alias);
  return null;
}

/** The calls on a configuration's aliases. */
export function firewallAliasEndpoints({ path, configOf }: FirewallScope): EndpointTable {
  return {
    [`GET ${path}/aliases`]: (call) => withDigest(sorted(configOf(call)).map((alias) => ({ ...alias }))),
    [`POST ${path}/aliases`]: (call) => create(configOf(call), call),
    [`GET ${path}/aliases/{name}`]: (call) => require(configOf(call), text(call, "name")),
    [`PUT ${path}/aliases/{name}`]: (call) => update(configOf(call), call),
    [`DELETE ${path}/aliases/{name}`]: (call) => remove(configOf(call), call),
  };
}
