import { isIPv4, isIPv6 } from "node:net";
import { privileges } from "../access/roles.ts";
import { builtInCpuTypes } from "../config/cpu-types.ts";
import { clusterFormats } from "./cluster-formats.ts";
import { firewallFormats } from "./firewall-formats.ts";
import { FormatError } from "./format-error.ts";
import { splitList } from "./split-list.ts";

type Verify = (value: string) => boolean;

/** One rule of a named format: what it accepts, and the words of the refusal. */
interface FormatRule {
  readonly accepts: Verify;
  readonly refusal: (value: string) => string;
}

function rule(accepts: Verify | RegExp, refusal: string | ((value: string) => string)): FormatRule {
  return {
    accepts: accepts instanceof RegExp ? (value) => accepts.test(value) : accepts,
    refusal: typeof refusal === "string" ? () => refusal : refusal,
  };
}

const looksLike = (what: string) => `value does not look like a valid ${what}`;
const volumeId = /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i;
const dnsLabel = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";

/** An address with a prefix length of at most `maxBits`; Proxmox VE wants a prefix of at least 8 on IPv4 (1 on IPv6). */
function isCidr(value: string, isAddress: Verify, minBits: number, maxBits: number): boolean {
  const [, address = "", bits = ""] = /^(.+)\/(\d+)$/.exec(value) ?? [];
  return isAddress(address) && Number(bits) >= minBits && Number(bits) <= maxBits;
}

const isCidr4 = (value: string) => isCidr(value, isIPv4, 8, 32);
const isCidr6 = (value: string) => isCidr(value, isIPv6, 1, 128);
const isIp = (value: string) => isIPv4(value) || isIPv6(value);

/** Pool names nest up to three levels deep, `a/b/c`. */
function poolRefusal(value: string): string {
  return value.split("/").length > 3
    ? `pool name '${value}' nested too deeply (max levels = 3)`
    : `pool name '${value}' contains invalid characters`;
}

function isNewDiskOrPath(value: string): boolean {
  return (
    value === "none" ||
    value === "cdrom" ||
    value.startsWith("/") ||
    /^(?:[^/:\s]+:)?\d+(?:\.\d+)?$/.test(value) ||
    volumeId.test(value)
  );
}

function unknownHotplugFeature(value: string): string | undefined {
  const known = new Set(["network", "disk", "cpu", "memory", "usb", "cloudinit"]);
  return value === "0" || value === "1" ? undefined : splitList(value).find((feature) => !known.has(feature));
}

const startupPart = /^(?:(?:order=)?\d+|up=\d+|down=\d+)$/;

/** Checks of single values by format name. A name that is missing here accepts everything. */
const formats: Readonly<Record<string, FormatRule>> = {
  "pve-vmid": rule(/^[1-9][0-9]{2,8}$/, looksLike("VM ID")),
  "pve-node": rule(new RegExp(`^${dnsLabel}$`), looksLike("node name")),
  "pve-storage-id": rule(
    /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i,
    (value) => `storage ID '${value}' contains illegal characters`,
  ),
  "pve-configid": rule(/^[a-z][a-z0-9_-]+$/i, (value) => `invalid configuration ID '${value}'`),
  "pve-bridge-id": rule(/^[-_.\w\d]+$/, looksLike("bridge ID")),
  "pve-tag": rule(/^[a-z0-9_][a-z0-9_\-+.]*$/i, "invalid characters in tag"),
  "pve-poolid": rule(/^(?:[A-Za-z0-9.\-_]+(?:\/[A-Za-z0-9.\-_]+){0,2})?$/, poolRefusal),
  "pve-priv": rule(
    (value) => privileges.includes(value),
    (value) => `invalid privilege '${value}'`,
  ),
  "pve-roleid": rule(/^[A-Za-z0-9.\-_]+$/, (value) => `role name '${value}' contains invalid characters`),
  "pve-userid": rule(
    /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+$/,
    (value) => `value '${value}' does not look like a valid user name`,
  ),
  "pve-volume-id": rule(volumeId, (value) => `unable to parse volume ID '${value}'`),
  "pve-volume-id-or-qm-path": rule(isNewDiskOrPath, (value) => `unable to parse volume ID '${value}'`),
  "pve-volume-id-or-absolute-path": rule(
    (value) => value.startsWith("/") || volumeId.test(value),
    (value) => `unable to parse volume ID '${value}'`,
  ),
  "pve-startup-order": rule(
    (value) => value.split(",").every((part) => startupPart.test(part.trim())),
    "unable to parse startup options",
  ),
  "pve-hotplug-features": rule(
    (value) => unknownHotplugFeature(value) === undefined,
    (value) => `invalid hotplug feature '${unknownHotplugFeature(value)}'`,
  ),
  "pve-ipv4-config": rule(
    (value) => value === "dhcp" || value === "manual" || isCidr4(value),
    looksLike("ipv4 network configuration"),
  ),
  "pve-ipv6-config": rule(
    (value) => ["auto", "dhcp", "manual"].includes(value) || isCidr6(value),
    looksLike("ipv6 network configuration"),
  ),
  "pve-qm-bootdev": rule(
    /^(?:efidisk|tpmstate|ide|sata|scsi|virtio|net|usb|hostpci)\d+$/,
    (value) => `invalid boot device '${value}'`,
  ),
  "pve-vm-cpu-conf": rule(isKnownCpuType, (value) => unknownCpuType(value)),
  "mac-addr": rule(/^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i, looksLike("unicast MAC address")),
  "dns-name": rule(new RegExp(`^(?:${dnsLabel}\\.)*${dnsLabel}$`), looksLike("DNS name")),
  "disk-size": rule(/^\d+(?:\.\d+)?[KMGT]?$/, (value) => looksLike(`disk size: ${value}`)),
  ipv4: rule(isIPv4, looksLike("IPv4 address")),
  ipv6: rule(isIPv6, looksLike("IPv6 address")),
  ip: rule(isIp, looksLike("IP address")),
  CIDRv4: rule(isCidr4, looksLike("IPv4 network")),
  CIDRv6: rule(isCidr6, looksLike("IPv6 network")),
  CIDR: rule((value) => isCidr4(value) || isCidr6(value), looksLike("CIDR network")),
  urlencoded: rule(/^[-%a-zA-Z0-9_.!~*'()]*$/, (value) => `invalid urlencoded string: ${value}`),
  address: rule(
    (value) => isIp(value) || new RegExp(`^(?:${dnsLabel}\\.)*${dnsLabel}$`).test(value),
    looksLike("address"),
  ),
};

function cpuTypeOf(value: string): string {
  const parts = value.split(",").map((part) => part.trim());
  const named = parts.find((part) => part.startsWith("cputype="))?.slice("cputype=".length);
  return named ?? parts.find((part) => !part.includes("=")) ?? "kvm64";
}

function isKnownCpuType(value: string): boolean {
  const type = cpuTypeOf(value);
  return type.startsWith("custom-") || builtInCpuTypes.includes(type);
}

function unknownCpuType(value: string): string {
  return `Built-in cputype '${cpuTypeOf(value)}' is not defined (missing 'custom-' prefix?)`;
}

/** @throws FormatError when `value` does not fit the named format. */
export function checkNamedFormat(name: string, value: string): void {
  firewallFormats[name]?.(value);
  const [accepts, refusal] = clusterFormats[name] ?? [];
  if (accepts?.test(value) === false) throw new FormatError(refusal?.(value) ?? "");
  const found = formats[name];
  if (found !== undefined && !found.accepts(value)) throw new FormatError(found.refusal(value));
}
