import type { VmConfig } from "../../api/vm-api.ts";
import type { ResourceData } from "../../legacy/resource-data.ts";
import type { Value } from "../../wire/value.ts";
import { parseProperties } from "./property-string.ts";

interface PlainValue {
  readonly attribute: string;
  readonly parameter: string;
  /** The value when the server's configuration has no such key. */
  readonly absent: string | boolean;
  /** A clone reads the value back only while the state differs from this. */
  readonly ofTemplate: string | boolean;
}

/** Single values that are read as they are. What a clone has by its template is not drift, so it is not read. */
const plainValues: readonly PlainValue[] = [
  { attribute: "acpi", parameter: "acpi", absent: true, ofTemplate: true },
  { attribute: "bios", parameter: "bios", absent: "seabios", ofTemplate: "seabios" },
  { attribute: "description", parameter: "description", absent: "", ofTemplate: "" },
  { attribute: "hook_script_file_id", parameter: "hookscript", absent: "", ofTemplate: "" },
  { attribute: "keyboard_layout", parameter: "keyboard", absent: "en-us", ofTemplate: "en-us" },
  { attribute: "machine", parameter: "machine", absent: "", ofTemplate: "" },
  { attribute: "name", parameter: "name", absent: "", ofTemplate: "" },
  { attribute: "protection", parameter: "protection", absent: false, ofTemplate: false },
  { attribute: "tablet_device", parameter: "tablet", absent: true, ofTemplate: true },
  { attribute: "template", parameter: "template", absent: false, ofTemplate: false },
];

/** Reads the single values of a VM's configuration. */
export function readValues(data: ResourceData, config: VmConfig): void {
  const isClone = data.now.block("clone") !== undefined;
  for (const { attribute, parameter, absent, ofTemplate } of plainValues) {
    const current = data.now.raw(attribute);
    if (isClone && current === ofTemplate) continue;
    data.set(attribute, plainValue(config[parameter], absent));
  }
  if (!isClone || data.now.text("kvm_arguments") !== "") {
    // An emptied value comes back as one space.
    data.set("kvm_arguments", String(config["args"] ?? "").trim() === "" ? "" : String(config["args"]));
  }
  data.set("on_boot", config["onboot"] === undefined ? null : isOn(config["onboot"]));
  data.set("boot_order", bootOrder(config));
  if (!isClone || data.now.texts("tags").length > 0) data.set("tags", tags(config));
  if (typeof config["hotplug"] === "string") data.set("hotplug", config["hotplug"]);
  const isUsualController = data.now.text("scsi_hardware") === "virtio-scsi-pci";
  if ((!isClone || !isUsualController) && typeof config["scsihw"] === "string") {
    data.set("scsi_hardware", config["scsihw"]);
  }
}

function plainValue(raw: unknown, absent: string | boolean): Value {
  if (raw === undefined) return absent;
  return typeof absent === "boolean" ? isOn(raw) : String(raw);
}

/** Whether a flag of the server's JSON is on; the text "1" is not. */
export function isOn(raw: unknown): boolean {
  return raw === 1 || raw === true;
}

function bootOrder(config: VmConfig): Value {
  const boot = config["boot"];
  if (typeof boot !== "string") return null;
  return parseProperties(boot).get("order")?.split(";") ?? null;
}

function tags(config: VmConfig): readonly string[] {
  return String(config["tags"] ?? "")
    .split(";")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "")
    .sort();
}
