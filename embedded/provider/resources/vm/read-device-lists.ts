import type { ValueObject } from "../../wire/value.ts";
import { type BlockReader, configText, readsList } from "./block-reader.ts";
import { parseProperties, readProperties } from "./property-string.ts";
import { propertyTables } from "./property-tables.ts";
import { slots } from "./request-body.ts";

/** The audio device. */
export function readAudio(reader: BlockReader): void {
  readSlots(reader, "audio_device", slots("audio", 0, 1), (text) => ({
    ...readProperties(propertyTables.audio, text),
    enabled: true,
  }));
}

/** The passed-through PCI devices. */
export function readHostPci(reader: BlockReader): void {
  readSlots(reader, "hostpci", slots("hostpci", 0, 16), (text, slot) =>
    namesDevice(text) ? { device: slot, ...readProperties(propertyTables.hostPci, text) } : undefined,
  );
}

/** The passed-through USB devices. */
export function readUsb(reader: BlockReader): void {
  readSlots(reader, "usb", slots("usb", 0, 4), (text) =>
    namesDevice(text) ? readProperties(propertyTables.usb, text) : undefined,
  );
}

function namesDevice(text: string): boolean {
  const pairs = parseProperties(text, "host");
  return pairs.has("host") || pairs.has("mapping");
}

/** The shared directories; access lists imply extended attributes. */
export function readVirtiofs(reader: BlockReader): void {
  readSlots(reader, "virtiofs", slots("virtiofs", 0, 8), (text) => {
    const share = readProperties(propertyTables.virtiofs, text);
    return share["expose_acl"] === true ? { ...share, expose_xattr: true } : share;
  });
}

/** The NUMA nodes, in the state's order if it has one; a node that the server does not show becomes an empty block. */
export function readNuma(reader: BlockReader): void {
  const readNode = (text: string, slot: string): ValueObject | undefined => {
    const pairs = parseProperties(text);
    if (!pairs.has("cpus") || !pairs.has("hostnodes")) return undefined;
    return { device: slot, ...readProperties(propertyTables.numa, text) };
  };
  const current = reader.data.now.blocks("numa");
  if (current.length === 0) {
    readSlots(reader, "numa", slots("numa", 0, 8), readNode);
    return;
  }
  const order = current.map((block) => block.text("device")).filter((device) => device !== "");
  reader.data.set(
    "numa",
    order.map((slot) => readNode(configText(reader, slot) ?? "", slot) ?? {}),
  );
}

function readSlots(
  reader: BlockReader,
  attribute: string,
  names: readonly string[],
  readSlot: (text: string, slot: string) => ValueObject | undefined,
): void {
  if (!readsList(reader, attribute)) return;
  const blocks = names.flatMap((slot) => {
    const text = configText(reader, slot);
    const block = text === undefined ? undefined : readSlot(text, slot);
    return block === undefined ? [] : [block];
  });
  reader.data.set(attribute, blocks);
}

/** The serial ports up to the last one; a gap has an empty device. */
export function readSerial(reader: BlockReader): void {
  if (!readsList(reader, "serial_device")) return;
  const devices = slots("serial", 0, 4).map((slot) => configText(reader, slot));
  const count = devices.findLastIndex((device) => device !== undefined) + 1;
  reader.data.set(
    "serial_device",
    devices.slice(0, count).map((device) => ({ device: device ?? "" })),
  );
}
