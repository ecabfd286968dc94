import type { Section } from "../../legacy/section.ts";
import type { ValueObject } from "../../wire/value.ts";
import { flagText } from "./property-string.ts";

/** The most network devices of a VM. */
export const maxNetworkDevices = 32;

/** `netN` for every enabled device; gives back the slots of those that are disabled. */
export function addNetworkDevices(values: Map<string, string>, now: Section): readonly string[] {
  return now.blocks("network_device").flatMap((device, index) => {
    if (!device.flag("enabled")) return [`net${index}`];
    values.set(`net${index}`, networkDeviceParameter(device));
    return [];
  });
}

function networkDeviceParameter(device: Section): string {
  const trunks = device.text("trunks");
  if (trunks !== "" && !/^[+-]?\d+(;[+-]?\d+)*$/.test(trunks)) {
    const bad = trunks.split(";").find((part) => !/^[+-]?\d+$/.test(part)) ?? "";
    throw new Error(`error parsing trunks: strconv.Atoi: parsing "${bad}": invalid syntax`);
  }
  const rate = device.number("rate_limit");
  const optional: readonly (readonly [string, string, boolean])[] = [
    ["bridge", device.text("bridge"), device.text("bridge") !== ""],
    ["firewall", flagText(device.flag("firewall")), true],
    ["link_down", "1", device.flag("disconnected")],
    ["macaddr", device.text("mac_address"), device.text("mac_address") !== ""],
    ["queues", device.text("queues"), device.number("queues") !== 0],
    ["rate", rate.toFixed(6), rate !== 0],
    ["tag", device.text("vlan_id"), device.number("vlan_id") !== 0],
    ["mtu", device.text("mtu"), device.number("mtu") !== 0],
    ["trunks", trunks, trunks !== ""],
  ];
  const parts = optional.filter(([, , isWritten]) => isWritten).map(([key, value]) => `${key}=${value}`);
  return [`model=${device.text("model")}`, ...parts].join(",");
}

/** The slots of the devices that the VM has. */
export function existingNetworkSlots(config: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(config).filter((key) => /^net\d+$/.test(key));
}

/** Reads the devices in slot order; a gap is an empty object. */
export function readNetworkDevices(config: Readonly<Record<string, unknown>>): readonly ValueObject[] {
  const count = Math.max(0, ...existingNetworkSlots(config).map((slot) => Number(slot.slice(3)) + 1));
  return Array.from({ length: Math.min(count, maxNetworkDevices) }, (_, index) => {
    const text = config[`net${index}`];
    return typeof text === "string" ? readNetworkDevice(text) : {};
  });
}

const numberKeys: Readonly<Record<string, string>> = {
  queues: "queues",
  rate: "rate_limit",
  tag: "vlan_id",
  mtu: "mtu",
};
const flagKeys: Readonly<Record<string, string>> = { firewall: "firewall", link_down: "disconnected" };
const textKeys: Readonly<Record<string, string>> = {
  bridge: "bridge",
  macaddr: "mac_address",
  model: "model",
  trunks: "trunks",
};

function readNetworkDevice(text: string): ValueObject {
  const device: Record<string, string | number | boolean> = { enabled: true };
  for (const part of text.split(",")) {
    const [key = "", value, ...rest] = part.trim().split("=");
    if (value === undefined || rest.length > 0) continue;
    const [number, flag, name] = [numberKeys[key], flagKeys[key], textKeys[key]];
    if (number !== undefined) device[number] = Number(value);
    else if (flag !== undefined) device[flag] = value === "1";
    else if (name !== undefined) device[name] = value;
    // "virtio=BC:24:11:00:00:01" names the model and the address at once.
    else Object.assign(device, { model: key, mac_address: value });
  }
  return device;
}
