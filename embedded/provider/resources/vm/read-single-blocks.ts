import type { Value } from "../../wire/value.ts";
import {
  type BlockReader,
  configText,
  differsFrom,
  hasBlock,
  readsList,
  recordBlock,
} from "./block-reader.ts";
import { readProperties } from "./property-string.ts";
import { propertyTables } from "./property-tables.ts";

/** The agent block; timeout and wait_for_ip are the provider's own and stay as they are. */
export function readAgent(reader: BlockReader): void {
  if (!readsList(reader, "agent")) return;
  const text = configText(reader, "agent");
  if (text === undefined) {
    reader.data.set("agent", []);
    return;
  }
  const current = reader.data.now.block("agent");
  const timeout = current?.text("timeout") ?? "";
  const waitForIp: Value = current?.raw("wait_for_ip") ?? [];
  const own = { timeout: timeout === "" ? "15m" : timeout, wait_for_ip: waitForIp };
  const block = { ...readProperties(propertyTables.agent, text), ...own };
  recordBlock(reader, "agent", block, differsFrom(usualAgent, block));
}

/** The amd_sev block. */
export function readAmdSev(reader: BlockReader): void {
  if (!readsList(reader, "amd_sev")) return;
  const text = configText(reader, "amd-sev");
  if (text === undefined) reader.data.set("amd_sev", []);
  else {
    const block = readProperties(propertyTables.amdSev, text);
    recordBlock(reader, "amd_sev", block, differsFrom(usualSev, block));
  }
}

const usualAgent = { enabled: false, timeout: "15m", trim: false, type: "virtio" };

const usualSev = {
  type: "std",
  allow_smt: true,
  kernel_hashes: false,
  no_debug: false,
  no_key_sharing: false,
};

/** The operating_system block. */
export function readOperatingSystem(reader: BlockReader): void {
  const type = configText(reader, "ostype") ?? "";
  const isUsual = type === "other" && !hasBlock(reader, "operating_system");
  if (isUsual && !reader.isClone) reader.data.set("operating_system", []);
  else recordBlock(reader, "operating_system", { type }, type !== "other");
}

/** The startup block. */
export function readStartup(reader: BlockReader): void {
  const text = configText(reader, "startup");
  if (reader.isClone) {
    if (hasBlock(reader, "startup")) reader.data.set("startup", [startupBlock(text)]);
    return;
  }
  reader.data.set("startup", text === undefined ? [] : [startupBlock(text)]);
}

function startupBlock(text: string | undefined): ReturnType<typeof readProperties> {
  return text === undefined ? {} : readProperties(propertyTables.startup, text);
}

/** The vga block: unlike others it also appears when a clone has an unusual display from its template. */
export function readVga(reader: BlockReader): void {
  const text = configText(reader, "vga");
  const usual = { clipboard: "", memory: 16, type: "std" };
  const block = text === undefined ? usual : readProperties(propertyTables.vga, text);
  reader.data.set("vga", hasBlock(reader, "vga") || differsFrom(usual, block) ? [block] : []);
}

/** The watchdog block; one that says "not enabled" stays while the VM has no watchdog. */
export function readWatchdog(reader: BlockReader): void {
  const text = configText(reader, "watchdog");
  const current = reader.data.now.block("watchdog");
  const block =
    text === undefined
      ? { enabled: false, action: "none", model: "i6300esb" }
      : { enabled: true, ...readProperties(propertyTables.watchdog, text) };
  const isWanted = (reader.isClone && current !== undefined) || current?.flag("enabled") === true;
  if (isWanted || text !== undefined) reader.data.set("watchdog", [block]);
  else if (current === undefined) reader.data.set("watchdog", []);
}
