import { isIP } from "node:net";
import { readSchemaFile } from "../read-schema-file.ts";
import { FormatError } from "./format-error.ts";

/** Names that firewall rules may use (netbase and pve-firewall 9). */
interface FirewallNames {
  readonly services: readonly string[];
  readonly protocols: readonly string[];
  readonly icmpTypes: readonly string[];
  readonly icmpv6Types: readonly string[];
  readonly macros: readonly string[];
}

/** Services, protocols, ICMP types and macros by name. */
export const firewallNames: FirewallNames = readSchemaFile("firewall-names.json");

const { services, protocols, icmpTypes, icmpv6Types } = firewallNames;

/** A name of an alias, an IP set or a security group. */
export const firewallName = "[A-Za-z][A-Za-z0-9_-]+";

/** 4 or 6 for an address, undefined for anything else. */
function versionOf(address: string): number | undefined {
  return isIP(address) || undefined;
}

function bitsOf(address: string): string {
  if (isIP(address) === 4)
    return address
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const [head = [], tail = []] = groups.map((side) => (side === "" ? [] : side.split(":")));
  const zeros = Array(8 - head.length - tail.length).fill("0");
  const all = groups.length === 1 ? head : [...head, ...zeros, ...tail];
  return all.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}

/** An address, or a network without host bits. */
function isAddressOrNetwork(element: string): boolean {
  const [address = "", prefix, ...rest] = element.split("/");
  const version = versionOf(address);
  if (version === undefined || rest.length > 0) return false;
  if (prefix === undefined) return true;
  const most = version === 4 ? 32 : 128;
  if (!/^\d+$/.test(prefix) || Number(prefix) > most) return false;
  return !bitsOf(address).slice(Number(prefix)).includes("1");
}

function checkElement(element: string): number | undefined {
  const ends = element.split("-");
  const isRange = ends.length === 2 && ends.every((end) => versionOf(end) !== undefined);
  if (!isRange && !isAddressOrNetwork(element)) {
    throw new FormatError(`invalid IP address: Invalid IP or prefix ${element}`);
  }
  return versionOf(ends[0]?.split("/")[0] ?? "");
}

/**
 * Checks a source or destination: an IP set, an alias, or a list of addresses, networks and ranges.
 *
 * @returns the IP version of addresses; undefined for names.
 * @throws FormatError in pve-firewall's words.
 */
export function parseAddresses(text: string): number | undefined {
  if (/^\+\S+$/.test(text)) {
    if (text.length > 65) throw new FormatError("ipset name too long");
    return undefined;
  }
  if (new RegExp(`^(?:dc/|guest/)?${firewallName}$`).test(text)) {
    if (text.length > 64) throw new FormatError("alias name too long");
    return undefined;
  }
  const elements = text.split(",");
  if (elements.includes("")) throw new FormatError("extraneous commas in list");
  const versions = new Set(elements.map(checkElement));
  if (versions.size > 1)
    throw new FormatError(`detected mixed ipv4/ipv6 addresses in address list '${text}'`);
  if (elements.length > 1 && text.includes("-")) throw new FormatError("you can't use a range in a list");
  return [...versions][0];
}

function countOf(item: string, isDestination: boolean): number {
  const [, first, last] = /^(\d+)(?::(\d+))?$/.exec(item) ?? [];
  if (first === undefined) {
    if (isDestination && (icmpTypes.includes(item) || icmpv6Types.includes(item))) return 0;
    if (!services.includes(item)) throw new FormatError(`invalid port '${item}'`);
    return 0;
  }
  const tooBig = [first, last].find((port) => Number(port ?? 0) > 65_535);
  if (tooBig !== undefined) throw new FormatError(`invalid port '${tooBig}'`);
  if (last === undefined) return 1;
  if (Number(first) > Number(last)) {
    throw new FormatError(`backwards range '${first}:${last}' not allowed, did you mean '${last}:${first}'?`);
  }
  return 2;
}

/** @throws FormatError for a list of ports that is none, or too long. */
export function checkPorts(text: string, isDestination: boolean): void {
  const items = text.split(",");
  if (items.includes("")) throw new FormatError("extraneous commas in list");
  const count = items.reduce((sum, item) => sum + countOf(item, isDestination), 0);
  const isIcmp = (item: string) => isDestination && (icmpTypes.includes(item) || icmpv6Types.includes(item));
  if (count > 0 && items.some(isIcmp)) throw new FormatError("ICMP ports not allowed in port range");
  if (count > 15) throw new FormatError("too many entries in port list (> 15 numbers)");
}

/** @throws FormatError for a protocol that has neither a name nor a number. */
export function checkProtocol(text: string): void {
  if (text !== "" && !protocols.includes(text)) throw new FormatError(`unknown protocol '${text}'`);
}

function checkIcmpType(text: string): void {
  if (text !== "" && !icmpTypes.includes(text) && !icmpv6Types.includes(text))
    throw new FormatError(`invalid icmp-type value '${text}'`);
}

function checkIpOrCidr(text: string): void {
  const [address = "", prefix] = text.split("/");
  const version = versionOf(address);
  const isPrefix =
    prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
  if (version === undefined || !isPrefix)
    throw new FormatError("value does not look like a valid IP address or CIDR network");
}

function checkIpOrCidrOrAlias(text: string): void {
  if (!new RegExp(`^(?:dc/|guest/)?${firewallName}$`).test(text)) checkIpOrCidr(text);
}

/** Checks of single values by format name; an empty text takes a setting away and is always right. */
export const firewallFormats: Readonly<Record<string, (text: string) => void>> = {
  "pve-fw-addr-spec": (text) => {
    if (text !== "") parseAddresses(text);
  },
  "pve-fw-sport-spec": (text) => {
    if (text !== "") checkPorts(text, false);
  },
  "pve-fw-dport-spec": (text) => {
    if (text !== "") checkPorts(text, true);
  },
  "pve-fw-protocol-spec": checkProtocol,
  "pve-fw-icmp-type-spec": checkIcmpType,
  IPorCIDR: checkIpOrCidr,
  IPorCIDRorAlias: checkIpOrCidrOrAlias,
};
