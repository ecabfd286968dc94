import type { Section } from "../../legacy/section.ts";
import { addCloudInit } from "./cloud-init-parameters.ts";
import { addCpu, addMemory, defaultCpu, defaultMemory } from "./cpu-memory-parameters.ts";
import {
  addAgent,
  addAmdSev,
  addAudio,
  addHostPci,
  addNuma,
  addRng,
  addSerial,
  addSmbios,
  addStartup,
  addUsb,
  addVga,
  addVirtiofs,
  addWatchdog,
  defaultAgent,
  efiDiskParameter,
  tagsParameter,
  tpmStateParameter,
} from "./device-parameters.ts";
import { addNetworkDevices } from "./network-devices.ts";
import { flagText } from "./property-string.ts";
import { emptyBody, type RequestBody } from "./request-body.ts";
import { addDevices, type StorageDevices } from "./storage-device.ts";
import type { VmOperation } from "./vm-operation.ts";

/** The request that creates a VM without a template: everything at once, defaults included. */
export function scratchConfigBody(operation: VmOperation, vmid: number, disks: StorageDevices): RequestBody {
  const { data } = operation;
  const { now } = data;
  const body = emptyBody();
  const { values } = body;
  values.set("vmid", String(vmid));
  addPlainValues(values, now);
  addAgent(values, now.block("agent") ?? defaultAgent);
  addCpu(values, now.block("cpu") ?? defaultCpu);
  addMemory(values, now.block("memory") ?? defaultMemory, vmid);
  addOptionalValues(values, now);
  addAmdSev(values, now);
  addAudio(values, now);
  addCloudInit(values, data);
  addNetworkDevices(values, now);
  addNuma(values, now);
  addHostPci(values, now);
  addRng(values, now);
  addSerial(values, now);
  addSmbios(values, now);
  addStartup(values, now);
  addUsb(values, now);
  addVirtiofs(values, now);
  addVga(values, now);
  addWatchdog(values, now);
  addStateDisks(values, now);
  addDevices(values, withDrives(disks, now));
  const order = bootOrder(now, disks);
  if (order.length > 0) values.set("boot", `order=${order.join(";")}`);
  return body;
}

function addPlainValues(values: Map<string, string>, now: Section): void {
  values.set("acpi", flagText(now.flag("acpi")));
  values.set("bios", now.text("bios"));
  values.set("keyboard", now.text("keyboard_layout"));
  values.set("onboot", flagText(now.flag("on_boot")));
  values.set("ostype", now.block("operating_system")?.text("type") ?? "other");
  values.set("protection", flagText(now.flag("protection")));
  values.set("scsihw", now.text("scsi_hardware"));
  values.set("tablet", flagText(now.flag("tablet_device")));
  // Conversion is a step of its own.
  values.set("template", "0");
}

const optionalValues = {
  description: "description",
  kvm_arguments: "args",
  machine: "machine",
  name: "name",
  pool_id: "pool",
  hook_script_file_id: "hookscript",
  hotplug: "hotplug",
} as const;

function addOptionalValues(values: Map<string, string>, now: Section): void {
  for (const [attribute, parameter] of Object.entries(optionalValues)) {
    if (now.text(attribute) !== "") values.set(parameter, now.text(attribute));
  }
  const affinity = now.block("cpu")?.text("affinity") ?? "";
  if (affinity !== "") values.set("affinity", affinity);
  const memory = now.block("memory");
  if ((memory?.text("hugepages") ?? "") !== "") values.set("hugepages", memory?.text("hugepages") ?? "");
  if (memory?.flag("keep_hugepages") === true) values.set("keephugepages", "1");
  if (now.texts("tags").length > 0) values.set("tags", tagsParameter(now));
}

function addStateDisks(values: Map<string, string>, now: Section): void {
  const [efi, tpm] = [now.block("efi_disk"), now.block("tpm_state")];
  if (efi !== undefined) values.set("efidisk0", efiDiskParameter(efi));
  if (tpm !== undefined) values.set("tpmstate0", tpmStateParameter(tpm));
}

function withDrives(disks: StorageDevices, now: Section): StorageDevices {
  const all = new Map(disks);
  const [cloudInit, cdrom] = [now.block("initialization"), now.block("cdrom")];
  if (cloudInit !== undefined) {
    const slot = cloudInit.text("interface") === "" ? "ide2" : cloudInit.text("interface");
    const format = cloudInit.text("file_format");
    const volume = `${cloudInit.text("datastore_id")}:cloudinit`;
    all.set(slot, { volume, ...(format === "" ? {} : { format }), options: {} });
  }
  if (cdrom !== undefined) {
    const volume = cdrom.text("file_id") === "" ? "cdrom" : cdrom.text("file_id");
    all.set(cdrom.text("interface"), { volume, media: "cdrom", options: {} });
  }
  return all;
}

// Without a configured order: CD-ROM, the first disk of each kind, network.
function bootOrder(now: Section, disks: StorageDevices): readonly string[] {
  const configured = now.texts("boot_order");
  if (configured.length > 0) return configured;
  const cdrom = now.block("cdrom")?.text("interface");
  const first = ["ide0", "sata0", "scsi0", "virtio0"].filter((slot) => disks.has(slot));
  return [...(cdrom === undefined ? [] : [cdrom]), ...first, "net0"];
}
