import { createHash } from "node:crypto";
import { parsePropertyString } from "../check/parse-property-string.ts";
import { splitList } from "../check/split-list.ts";
import { failure } from "../http/api-error.ts";
import type { VmConfig } from "../state/vm.ts";
import { formatOf } from "./drives.ts";
import { parseNetworkDevice } from "./network-device.ts";

type Config = Readonly<VmConfig>;

/** What a cloud-init drive is written from. */
interface CloudInitSource {
  readonly vmid: number;
  readonly config: Config;
  /** The node's DNS server, for guests that set none of their own. */
  readonly nameserver: string;
}

function sshKeyLines(config: Config): string[] {
  const keys = decodeURIComponent(String(config["sshkeys"] ?? ""))
    .split("\n")
    .filter((line) => line.trim() !== "");
  return keys.length === 0 ? [] : ["ssh_authorized_keys:", ...keys.map((key) => `  - ${key}`)];
}

/** A name without a dot gets the search domain. */
function fullNameOf({ vmid, config }: CloudInitSource): string {
  const name = String(config["name"] ?? `VM${vmid}`);
  const searchdomain = config["searchdomain"];
  return name.includes(".") || searchdomain === undefined ? name : `${name}.${searchdomain}`;
}

function printUserData(source: CloudInitSource): string {
  const { config } = source;
  const fullName = fullNameOf(source);
  const user = config["ciuser"];
  const lines = [
    "#cloud-config",
    `hostname: ${fullName.replace(/\..*$/, "")}`,
    "manage_etc_hosts: true",
    `fqdn: ${fullName}`,
    ...(user === undefined ? [] : [`user: ${user}`]),
    ...(user === "root" ? ["disable_root: False"] : []),
    ...(config["cipassword"] === undefined ? [] : [`password: ${config["cipassword"]}`]),
    ...sshKeyLines(config),
    "chpasswd:",
    "  expire: False",
    ...(user === "root" ? [] : ["users:", "  - default"]),
    ...(config["ciupgrade"] === 0 ? [] : ["package_upgrade: true"]),
  ];
  return `${lines.join("\n")}\n`;
}

/** 24 -> 255.255.255.0 */
function netmaskOf(bits: number): string {
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join(".");
}

function staticSubnet4(cidr: string, gateway: string | undefined): string[] {
  const [address = "", bits = "32"] = cidr.split("/");
  return [
    "      - type: static",
    `        address: '${address}'`,
    `        netmask: '${netmaskOf(Number(bits))}'`,
    ...(gateway === undefined ? [] : [`        gateway: '${gateway}'`]),
  ];
}

function staticSubnet6(cidr: string, gateway: string | undefined): string[] {
  return [
    "      - type: static6",
    `        address: '${cidr}'`,
    ...(gateway === undefined ? [] : [`        gateway: '${gateway}'`]),
  ];
}

function subnetLines({ ip, gw, ip6, gw6 }: Readonly<Record<string, string>>): string[] {
  const v4 =
    ip === undefined || ip === "manual"
      ? []
      : ip === "dhcp"
        ? ["      - type: dhcp4"]
        : staticSubnet4(ip, gw);
  const special6: Readonly<Record<string, string[]>> = {
    manual: [],
    dhcp: ["      - type: dhcp6"],
    auto: ["      - type: ipv6_slaac"],
  };
  const v6 = ip6 === undefined ? [] : (special6[ip6] ?? staticSubnet6(ip6, gw6));
  return [...v4, ...v6];
}

function interfaceLines(config: Config, key: string): string[] {
  const index = key.slice("net".length);
  const { macaddr = "" } = parseNetworkDevice(key, String(config[key]));
  const address = parsePropertyString(formatOf("ipconfig0"), String(config[`ipconfig${index}`] ?? ""));
  return [
    "    - type: physical",
    `      name: eth${index}`,
    `      mac_address: '${macaddr.toLowerCase()}'`,
    "      subnets:",
    ...subnetLines(address),
  ];
}

function printNetworkConfig({ config, nameserver }: CloudInitSource): string {
  const interfaces = Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .sort()
    .flatMap((key) => interfaceLines(config, key));
  const servers = splitList(config["nameserver"] ?? nameserver);
  const searchdomain = config["searchdomain"];
  const lines = [
    "version: 1",
    "config:",
    ...interfaces,
    "    - type: nameserver",
    "      address:",
    ...servers.map((server) => `      - '${server}'`),
    ...(searchdomain === undefined ? [] : ["      search:", `      - '${searchdomain}'`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** Another user or network configuration is another instance to the guest. */
function printMetaData(source: CloudInitSource): string {
  const content = printUserData(source) + printNetworkConfig(source);
  return `instance-id: ${createHash("sha1").update(content).digest("hex")}\n`;
}

const printers: Readonly<Record<string, (source: CloudInitSource) => string>> = {
  user: printUserData,
  network: printNetworkConfig,
  meta: printMetaData,
};

/** The `user`, `network` or `meta` file of a VM's cloud-init drive. */
export function printCloudInit(type: string, source: CloudInitSource): string {
  const print = printers[type];
  if (print === undefined) throw failure(`unknown cloud-init type '${type}'`);
  return print(source);
}
