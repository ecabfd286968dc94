import { parsePropertyString } from "../check/parse-property-string.ts";
import type { PropertyString } from "../check/schema.ts";
import { pciDevices, usbDevices } from "../state/node-hardware.ts";
import type { Section } from "../state/section.ts";

/** A line of a mapping's `map`, taken apart. */
type MapLine = Readonly<Record<string, string>>;

const keys = ["node", "path", "id", "iommugroup", "subsystem-id", "description"];
const format: PropertyString = Object.fromEntries(keys.map((key) => [key, { optional: 1 }]));

/** The lines of a mapping. */
export function mapLines({ values }: Pick<Section, "values">): MapLine[] {
  const { map } = values;
  return Array.isArray(map) ? map.map((line) => parsePropertyString(format, line)) : [];
}

const plain = (hex: string) => hex.replace("0x", "");

/** What is wrong with a PCI line, by the devices that the node has. */
function pciFault(id: string, line: MapLine): string | undefined {
  const [first = ""] = (line["path"] ?? "").split(";");
  const path = first.includes(".") ? first : `${first}.0`;
  const device = pciDevices.find((candidate) => candidate.id === path);
  if (device === undefined) return `pci device '${path}' not found`;
  const expected: Readonly<Record<string, string>> = {
    id: `${plain(device.vendor)}:${plain(device.device)}`,
    iommugroup: String(device.iommugroup),
    "subsystem-id": `${plain(device.subsystem_vendor)}:${plain(device.subsystem_device)}`,
  };
  for (const [name, value] of Object.entries(expected)) {
    const configured = line[name];
    if (configured === undefined) return `missing expected property '${name}' for device '${path}'`;
    if (configured !== value) return `'${name}' does not match for '${id}' (${value} != ${configured})`;
  }
  return undefined;
}

/** What is wrong with a USB line. */
function usbFault(id: string, line: MapLine): string | undefined {
  const { path } = line;
  const device = usbDevices.find((candidate) =>
    path === undefined
      ? `${candidate.vendid}:${candidate.prodid}` === line["id"]
      : `${candidate.busnum}-${candidate.usbpath}` === path,
  );
  if (device === undefined) return `usb device '${path ?? line["id"]}' not found`;
  const real = `${device.vendid}:${device.prodid}`;
  return real === line["id"] ? undefined : `'id' does not match for '${id}' (${real} != ${line["id"]})`;
}

const faultOf: Readonly<Record<string, (id: string, line: MapLine) => string | undefined>> = {
  pci: pciFault,
  usb: usbFault,
  dir: () => undefined,
};

/** One diagnosis of a mapping on a node. */
interface Diagnosis {
  readonly severity: "warning" | "error";
  readonly message: string;
}

/** Diagnoses of a mapping on one node. */
export function checkMapping(section: Section, node: string): Diagnosis[] {
  const lines = mapLines(section).filter((line) => line["node"] === node);
  if (lines.length === 0) return [{ severity: "warning", message: `No mapping for node ${node}.` }];
  return lines.flatMap((line) => {
    const fault = faultOf[section.type]?.(section.id, line);
    return fault === undefined
      ? []
      : [{ severity: "error" as const, message: `Invalid configuration: ${fault}\n` }];
  });
}
