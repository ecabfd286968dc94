import type { ResourceData } from "../../legacy/resource-data.ts";
import type { Section } from "../../legacy/section.ts";
import { flagText } from "./property-string.ts";

/** What the server shows instead of a password. */
const maskedPassword = /^\*{10}$/;

/** Files that replace generated cloud-init data, in the order of the request. */
const customFiles = {
  meta: "meta_data_file_id",
  network: "network_data_file_id",
  user: "user_data_file_id",
  vendor: "vendor_data_file_id",
} as const;

/** The cloud-init keys of the `initialization` block; nothing that it leaves out is ever removed on the server. */
export function addCloudInit(values: Map<string, string>, data: ResourceData): void {
  const block = data.now.block("initialization");
  if (block === undefined) return;
  addFiles(values, block);
  for (const [index, config] of block.blocks("ip_config").entries()) {
    const text = ipConfigParameter(config);
    if (text !== "") values.set(`ipconfig${index}`, text);
  }
  addDns(values, block.block("dns"));
  addUserAccount(values, block.block("user_account"));
  if (block.text("type") !== "") values.set("citype", block.text("type"));
  if (sendsUpgrade(data)) values.set("ciupgrade", flagText(block.flag("upgrade")));
}

function addFiles(values: Map<string, string>, block: Section): void {
  const parts = Object.entries(customFiles)
    .filter(([, attribute]) => block.text(attribute) !== "")
    .map(([key, attribute]) => `${key}=${block.text(attribute)}`);
  if (parts.length > 0) values.set("cicustom", parts.join(","));
}

function ipConfigParameter(config: Section): string {
  const [ipv4, ipv6] = [config.block("ipv4"), config.block("ipv6")];
  const parts = [
    ["gw", ipv4?.text("gateway")],
    ["gw6", ipv6?.text("gateway")],
    ["ip", ipv4?.text("address")],
    ["ip6", ipv6?.text("address")],
  ] as const;
  return parts
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

function addDns(values: Map<string, string>, dns: Section | undefined): void {
  if (dns === undefined) return;
  if (dns.text("domain") !== "") values.set("searchdomain", dns.text("domain"));
  if (dns.texts("servers").length > 0) values.set("nameserver", dns.texts("servers").join(" "));
}

function addUserAccount(values: Map<string, string>, account: Section | undefined): void {
  if (account === undefined) return;
  const keys = account.texts("keys");
  const password = account.text("password");
  if (keys.length > 0) values.set("sshkeys", escapeKeys(keys.join("\n")));
  if (password !== "" && !maskedPassword.test(password)) values.set("cipassword", password);
  if (account.text("username") !== "") values.set("ciuser", account.text("username"));
}

// The server wants the keys percent-encoded inside the form, which is encoded once more.
function escapeKeys(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

// Only root may send ciupgrade at all, so it goes out only when the user has set or changed it.
function sendsUpgrade(data: ResourceData): boolean {
  if (data.isNew) return data.isSet("initialization", "upgrade");
  const before = data.before.block("initialization")?.flag("upgrade") ?? false;
  return before !== (data.now.block("initialization")?.flag("upgrade") ?? false);
}
