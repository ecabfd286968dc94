import type { VmApi, VmConfig } from "../../api/vm-api.ts";
import type { Section } from "../../legacy/section.ts";
import { deleteDrives, existingCloudInitSlot } from "./cloud-init-drive.ts";
import { addCloudInit } from "./cloud-init-parameters.ts";
import { addCpu, addMemory, requireRootForArchitecture } from "./cpu-memory-parameters.ts";
import {
  addAgent,
  addAmdSev,
  addAudio,
  addHostPci,
  addNuma,
  addSerial,
  addSmbios,
  addStartup,
  addUsb,
  addVga,
  addVirtiofs,
  addWatchdog,
  tagsParameter,
} from "./device-parameters.ts";
import { addNetworkDevices, maxNetworkDevices } from "./network-devices.ts";
import { flagText } from "./property-string.ts";
import { emptyBody, type RequestBody, slots } from "./request-body.ts";
import { formatStorageDevice } from "./storage-device.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * The one big configuration request after cloning. What is at its default is not sent, so the template's value stays.
 * `rng` is never sent.
 */
export async function cloneConfigBody(operation: VmOperation, vm: VmApi): Promise<RequestBody> {
  const { data, deadline } = operation;
  const { now } = data;
  const body = emptyBody();
  addAudio(body.values, now);
  addDifferingValues(body.values, now);
  const agent = now.block("agent");
  if (agent !== undefined) addAgent(body.values, agent);
  addAmdSev(body.values, now);
  addCdrom(body.values, now);
  const cpu = now.block("cpu");
  if (cpu !== undefined) {
    await requireRootForArchitecture(operation);
    addCpu(body.values, cpu);
    if (cpu.text("affinity") !== "") body.values.set("affinity", cpu.text("affinity"));
  }
  const config = await vm.config(deadline);
  await addCloudInitDrive(operation, vm, config, body);
  addCloudInit(body.values, data);
  addDevices(body, now, vm.vmid);
  addHookScript(body, now, config);
  return body;
}

/** Attributes that are only sent to a clone when they differ from the default. */
const clonedValues = {
  kvm_arguments: { parameter: "args", default: "" },
  bios: { parameter: "bios", default: "seabios" },
  machine: { parameter: "machine", default: "" },
  scsi_hardware: { parameter: "scsihw", default: "virtio-scsi-pci" },
  keyboard_layout: { parameter: "keyboard", default: "en-us" },
  hotplug: { parameter: "hotplug", default: "" },
} as const;

function addDifferingValues(values: Map<string, string>, now: Section): void {
  for (const [attribute, { parameter, default: usual }] of Object.entries(clonedValues)) {
    if (now.text(attribute) !== usual) values.set(parameter, now.text(attribute));
  }
  if (!now.flag("acpi")) values.set("acpi", "0");
  if (!now.flag("tablet_device")) values.set("tablet", "0");
  if (now.flag("protection")) values.set("protection", "1");
  values.set("onboot", flagText(now.flag("on_boot")));
}

function addCdrom(values: Map<string, string>, now: Section): void {
  const cdrom = now.block("cdrom");
  if (cdrom === undefined) return;
  const volume = cdrom.text("file_id") === "" ? "cdrom" : cdrom.text("file_id");
  values.set(cdrom.text("interface"), formatStorageDevice({ volume, media: "cdrom", options: {} }));
}

async function addCloudInitDrive(
  { data, deadline }: VmOperation,
  vm: VmApi,
  config: VmConfig,
  body: RequestBody,
): Promise<void> {
  const block = data.now.block("initialization");
  if (block === undefined) return;
  const existing = existingCloudInitSlot(config, vm.vmid) ?? "ide2";
  const slot = block.text("interface") === "" ? existing : block.text("interface");
  const format = block.text("file_format");
  const volume = `${block.text("datastore_id")}:cloudinit`;
  body.values.set(slot, formatStorageDevice({ volume, ...(format === "" ? {} : { format }), options: {} }));
  await deleteDrives(vm, [slot, existing], deadline);
}

function addDevices(body: RequestBody, now: Section, vmid: number): void {
  const { values, removed } = body;
  addHostPci(values, now);
  addNuma(values, now);
  addUsb(values, now);
  const memory = now.block("memory");
  if (memory !== undefined) {
    addMemory(values, memory, vmid);
    if (memory.text("hugepages") !== "") values.set("hugepages", memory.text("hugepages"));
    if (memory.flag("keep_hugepages")) values.set("keephugepages", "1");
  }
  const networkCount = now.blocks("network_device").length;
  if (networkCount > 0) {
    removed.push(...addNetworkDevices(values, now), ...slots("net", networkCount, maxNetworkDevices));
  }
  const system = now.block("operating_system");
  if (system !== undefined) values.set("ostype", system.text("type"));
  const emptySerial = addSerial(values, now);
  if (now.blocks("serial_device").length > 0) removed.push(...emptySerial);
  const order = now.texts("boot_order");
  if (order.length > 0) values.set("boot", `order=${order.join(";")}`);
  addSmbios(values, now);
  addStartup(values, now);
  if (now.texts("tags").length > 0) values.set("tags", tagsParameter(now));
  addVga(values, now);
  addVirtiofs(values, now);
  addWatchdog(values, now);
}

function addHookScript({ values, removed }: RequestBody, now: Section, config: VmConfig): void {
  const script = now.text("hook_script_file_id");
  if (script !== "") values.set("hookscript", script);
  else if (config["hookscript"] !== undefined) removed.push("hookscript");
}
