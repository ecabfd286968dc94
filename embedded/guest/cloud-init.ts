import type { GuestMachine } from "../pve/guest-port.ts";

/** One network interface of a machine, as its cloud-init settings describe it. */
export interface GuestInterface {
  /** `eth0` for `net0`. */
  readonly name: string;
  readonly mac: string;
  /** Addresses with their prefix lengths. */
  readonly addresses: readonly { readonly address: string; readonly prefix: number }[];
}

/** What cloud-init tells a machine about itself. */
export interface CloudInit {
  readonly user: string;
  /** OpenSSH public keys, one a string. */
  readonly keys: readonly string[];
  readonly hostName: string;
  readonly interfaces: readonly GuestInterface[];
}

/** Reads the cloud-init settings (`ciuser`, `sshkeys`, `ipconfigN`, `netN`) of a machine's configuration. */
export function readCloudInit(machine: GuestMachine): CloudInit {
  const text = (key: string): string => String(machine.config[key] ?? "");
  const keys = decodeURIComponent(text("sshkeys")).split("\n");
  return {
    user: text("ciuser") || "root",
    keys: keys.map((key) => key.trim()).filter((key) => key !== ""),
    hostName: machine.name,
    interfaces: Object.keys(machine.config)
      .filter((key) => /^net\d+$/.test(key))
      .sort()
      .map((key) => readInterface(machine, key)),
  };
}

function readInterface(machine: GuestMachine, key: string): GuestInterface {
  const number = Number(key.slice("net".length));
  const mac = /([0-9A-F]{2}:){5}[0-9A-F]{2}/i.exec(String(machine.config[key]));
  const settings = new Map(
    String(machine.config[`ipconfig${number}`] ?? "")
      .split(",")
      .map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
  );
  const addresses = ["ip", "ip6"].flatMap((name) => readAddress(settings.get(name), machine.vmid, number));
  return { name: `eth${number}`, mac: mac?.[0].toLowerCase() ?? "00:00:00:00:00:00", addresses };
}

function readAddress(setting: string | undefined, vmid: number, number: number): GuestInterface["addresses"] {
  if (setting === undefined || setting === "" || setting === "auto") return [];
  if (setting === "dhcp") return [{ address: leasedAddress(vmid, number), prefix: 16 }];
  const [address, prefix] = setting.split("/");
  return address === undefined ? [] : [{ address, prefix: Number(prefix) }];
}

/** What the stand-in of a DHCP server leases: 10.2xx.y.z, made from the machine's id, so that no two are equal below vmid 65536. */
function leasedAddress(vmid: number, number: number): string {
  return `10.${200 + (number % 32)}.${Math.floor(vmid / 256) % 256}.${vmid % 256}`;
}
