import { randomBytes } from "node:crypto";
import { parsePropertyString } from "../check/parse-property-string.ts";
import { formatOf } from "./drives.ts";

/** A MAC address with the prefix that Proxmox VE owns. */
export function randomMac(): string {
  const tail = [...randomBytes(3)].map((byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
  return ["BC", "24", "11", ...tail].join(":");
}

/** Options of `netN`; `model` and `macaddr` apart. */
export type NetworkDevice = Readonly<Record<string, string>>;

/** Takes a `netN` value apart. */
export function parseNetworkDevice(key: string, text: string): NetworkDevice {
  return parsePropertyString(formatOf(key), text);
}

/** `virtio=BC:24:11:..,bridge=vmbr0`: a device without a MAC address gets a new one. */
export function printNetworkDevice({ model = "virtio", macaddr, ...rest }: NetworkDevice): string {
  const options = Object.keys(rest)
    .sort()
    .map((key) => `${key}=${rest[key]}`);
  return [`${model}=${macaddr ?? randomMac()}`, ...options].join(",");
}
