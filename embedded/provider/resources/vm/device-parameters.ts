import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { Section } from "../../legacy/section.ts";
import { objectSection } from "../../legacy/section.ts";
import { writeProperties } from "./property-string.ts";
import { propertyTables } from "./property-tables.ts";
import { slots } from "./request-body.ts";

type Values = Map<string, string>;

/** `agent`, from the agent block or its defaults. */
export function addAgent(values: Values, agent: Section): void {
  values.set("agent", writeProperties(propertyTables.agent, agent));
}

/** The defaults of an absent agent block. */
export const defaultAgent = objectSection({ enabled: false, trim: false, type: "virtio", timeout: "15m" });

/** `amd-sev`, if the block is there. */
export function addAmdSev(values: Values, now: Section): void {
  const block = now.block("amd_sev");
  if (block !== undefined) values.set("amd-sev", writeProperties(propertyTables.amdSev, block));
}

/** `audio0`; gives back the slots that are disabled or no longer there. */
export function addAudio(values: Values, now: Section): readonly string[] {
  const devices = now.blocks("audio_device");
  const disabled = devices.flatMap((device, index) => {
    if (!device.flag("enabled")) return [`audio${index}`];
    values.set(`audio${index}`, writeProperties(propertyTables.audio, device));
    return [];
  });
  return [...disabled, ...slots("audio", devices.length, 1)];
}

/** `hostpciN` for every block. Throws when one names neither a device nor a mapping. */
export function addHostPci(values: Values, now: Section): void {
  for (const block of now.blocks("hostpci")) {
    const slot = block.text("device");
    if (block.text("id") === "" && block.text("mapping") === "")
      throw new Error(unmapped("PCI device ", slot));
    values.set(slot, writeProperties(propertyTables.hostPci, block));
  }
}

/** `usbN` for every block. Throws when one names neither a device nor a mapping. */
export function addUsb(values: Values, now: Section): void {
  for (const [index, block] of now.blocks("usb").entries()) {
    const slot = `usb${index}`;
    if (block.text("host") === "" && block.text("mapping") === "")
      throw new Error(unmapped("USB device ", `${index}`));
    values.set(slot, writeProperties(propertyTables.usb, block));
  }
}

function unmapped(kind: string, slot: string): string {
  return `error encoding ${kind}${slot}: either device ID or resource mapping must be set`;
}

/** `numaN` for every block. */
export function addNuma(values: Values, now: Section): void {
  for (const [index, block] of now.blocks("numa").entries()) {
    const slot = /^numa\d+$/.test(block.text("device")) ? block.text("device") : `numa${index}`;
    values.set(slot, writeProperties(propertyTables.numa, block));
  }
}

/** `rng0`, with the server's defaults for what the block leaves out. */
export function addRng(values: Values, now: Section): void {
  const block = now.block("rng");
  if (block === undefined) return;
  const filled = objectSection({
    source: block.text("source"),
    max_bytes: block.number("max_bytes") || 1024,
    period: block.number("period") || 1000,
  });
  values.set("rng0", writeProperties(propertyTables.rng, filled));
}

/** `serialN` for every block; gives back the slots that are no longer there. */
export function addSerial(values: Values, now: Section): readonly string[] {
  const devices = now.blocks("serial_device");
  for (const [index, device] of devices.entries()) values.set(`serial${index}`, device.text("device"));
  return slots("serial", devices.length, 4);
}

/** The attributes of `smbios` in the order of the request; `sku` is in the schema, but the provider never sends it. */
const smbiosKeys = ["family", "manufacturer", "product", "serial", "version"] as const;

/** `smbios1` with base64 texts and a new UUID if none is given; false when the block is not there. */
export function addSmbios(values: Values, now: Section): boolean {
  const block = now.block("smbios");
  if (block === undefined) return false;
  const texts = new Map<string, string>();
  for (const key of smbiosKeys) {
    if (block.text(key) !== "") texts.set(key, Buffer.from(block.text(key)).toString("base64"));
  }
  const uuid = block.text("uuid") === "" ? randomUUID() : block.text("uuid");
  const version = texts.get("version");
  texts.delete("version");
  const parts = [...texts].map(([key, text]) => `${key}=${text}`);
  const tail = version === undefined ? [] : [`version=${version}`];
  values.set("smbios1", ["base64=1", ...parts, `uuid=${uuid}`, ...tail].join(","));
  return true;
}

/** `startup`; false when the block is not there. */
export function addStartup(values: Values, now: Section): boolean {
  const block = now.block("startup");
  if (block === undefined) return false;
  const text = writeProperties(propertyTables.startup, block);
  if (text !== "") values.set("startup", text);
  return true;
}

/** `vga`, if the block is there. */
export function addVga(values: Values, now: Section): void {
  const block = now.block("vga");
  if (block !== undefined) values.set("vga", writeProperties(propertyTables.vga, block));
}

/** `virtiofsN` for every block; gives back the slots that are no longer there. */
export function addVirtiofs(values: Values, now: Section): readonly string[] {
  const shares = now.blocks("virtiofs");
  for (const [index, share] of shares.entries()) {
    if (share.flag("expose_acl") && !share.flag("expose_xattr")) {
      throw new Error(
        `failed to encode virtiofs share virtiofs${index}: expose_xattr must be omitted or true when expose_acl is enabled`,
      );
    }
    const text = writeProperties(propertyTables.virtiofs, share);
    values.set(`virtiofs${index}`, share.flag("expose_acl") ? text.replace(/,expose-xattr=1$/, "") : text);
  }
  return slots("virtiofs", shares.length, 8);
}

/** `watchdog`; false when the block is absent or says that there is none. */
export function addWatchdog(values: Values, now: Section): boolean {
  const block = now.block("watchdog");
  if (block?.flag("enabled") !== true) return false;
  values.set("watchdog", writeProperties(propertyTables.watchdog, block));
  return true;
}

/** `efidisk0` for a new volume; its size in the request means nothing. */
export function efiDiskParameter(block: Section): string {
  const format = block.text("file_format") === "" ? "raw" : block.text("file_format");
  const keys = block.flag("pre_enrolled_keys") ? 1 : 0;
  return `file=${block.text("datastore_id")}:1,format=${format},efitype=${block.text("type")},pre-enrolled-keys=${keys}`;
}

/** `tpmstate0` for a new volume; its size in the request means nothing. */
export function tpmStateParameter(block: Section): string {
  return `file=${block.text("datastore_id")}:1,version=${block.text("version")}`;
}

/** The tags as one parameter: trimmed, sorted, joined by ";". */
export function tagsParameter(now: Section): string {
  return now
    .texts("tags")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "")
    .sort()
    .join(";");
}
