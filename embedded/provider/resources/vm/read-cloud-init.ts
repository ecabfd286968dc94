import type { VmConfig } from "../../api/vm-api.ts";
import type { ResourceData } from "../../legacy/resource-data.ts";
import type { Value, ValueObject } from "../../wire/value.ts";
import { existingCloudInitSlot } from "./cloud-init-drive.ts";
import { parseProperties } from "./property-string.ts";
import { isOn } from "./read-values.ts";
import { datastoreOf, storageDevices } from "./storage-device.ts";

/** The blocks inside `initialization` that a clone reads only if its state has them. */
const optionalBlocks = ["user_account", "dns", "ip_config"] as const;

/** Reads the cloud-init settings. */
export function readCloudInit(data: ResourceData, config: VmConfig, vmid: number): void {
  const found: Record<string, Value> = {
    ...readDrive(config, vmid),
    ...readDns(config),
    ...readIpConfigs(config),
    ...readUserAccount(config),
  };
  addRest(found, config);
  const current = data.now.block("initialization");
  if (data.now.block("clone") !== undefined) {
    if (current === undefined) return;
    for (const block of optionalBlocks) {
      if (current.blocks(block).length === 0) delete found[block];
    }
  }
  data.set("initialization", Object.keys(found).length > 0 ? [found] : []);
}

function readDrive(config: VmConfig, vmid: number): ValueObject {
  const slot = existingCloudInitSlot(config, vmid);
  const device = slot === undefined ? undefined : storageDevices(config).get(slot);
  if (slot === undefined || device === undefined) return {};
  return {
    interface: slot,
    datastore_id: datastoreOf(device),
    ...(device.format === undefined ? {} : { file_format: device.format }),
  };
}

function readDns(config: VmConfig): ValueObject {
  const { searchdomain: domain, nameserver: servers } = config;
  if (domain === undefined && servers === undefined) return {};
  const list = servers === undefined ? [] : String(servers).split(" ");
  return { dns: [{ domain: String(domain ?? ""), servers: list }] };
}

function readIpConfigs(config: VmConfig): ValueObject {
  const numbers = Object.keys(config)
    .filter((key) => /^ipconfig\d+$/.test(key))
    .map((key) => Number(key.slice("ipconfig".length)))
    .filter((number) => number < 32);
  if (numbers.length === 0) return {};
  const list = Array.from({ length: Math.max(...numbers) + 1 }, (_, index) => {
    const pairs = parseProperties(String(config[`ipconfig${index}`] ?? ""));
    return { ipv4: addressBlock(pairs, "ip", "gw"), ipv6: addressBlock(pairs, "ip6", "gw6") };
  });
  return { ip_config: list };
}

function addressBlock(pairs: ReadonlyMap<string, string>, address: string, gateway: string): ValueObject[] {
  if (!pairs.has(address) && !pairs.has(gateway)) return [];
  return [{ address: pairs.get(address) ?? "", gateway: pairs.get(gateway) ?? "" }];
}

function readUserAccount(config: VmConfig): ValueObject {
  const { cipassword: password, sshkeys: keys, ciuser: user } = config;
  if (password === undefined && keys === undefined && user === undefined) return {};
  const text = decodeURIComponent(String(keys ?? "").replaceAll("+", " "));
  const list = text === "" ? [] : text.trim().split("\n");
  return { user_account: [{ keys: list, password: String(password ?? ""), username: String(user ?? "") }] };
}

const customFiles = {
  user: "user_data_file_id",
  vendor: "vendor_data_file_id",
  network: "network_data_file_id",
  meta: "meta_data_file_id",
} as const;

// These keys alone make no block: they are filled in beside others.
function addRest(found: Record<string, Value>, config: VmConfig): void {
  const custom = config["cicustom"];
  const pairs = parseProperties(String(custom ?? ""));
  if (custom !== undefined || Object.keys(found).length > 0) {
    for (const [key, attribute] of Object.entries(customFiles)) found[attribute] = pairs.get(key) ?? "";
  }
  const { citype: type, ciupgrade: upgrade } = config;
  if (type !== undefined || Object.keys(found).length > 0) found["type"] = String(type ?? "");
  if (upgrade !== undefined || Object.keys(found).length > 0) {
    found["upgrade"] = upgrade === undefined ? true : isOn(upgrade);
  }
}
