import type { VmConfig } from "../../api/vm-api.ts";
import type { Section } from "../../legacy/section.ts";
import { changeCloudInit } from "./change-cloud-init.ts";
import { changeCpu, changeMemory } from "./change-cpu-memory.ts";
import { changeDisks } from "./change-disks.ts";
import { requireRootForArchitecture } from "./cpu-memory-parameters.ts";
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
import { addNetworkDevices, existingNetworkSlots } from "./network-devices.ts";
import type { PoweredVm } from "./power.ts";
import { powerOffFor, refuseWhileRunning } from "./power-policy.ts";
import { flagText } from "./property-string.ts";
import { emptyBody, type RequestBody, slots } from "./request-body.ts";
import { formatStorageDevice, type StorageDevices } from "./storage-device.ts";
import type { VmOperation } from "./vm-operation.ts";

/** The configuration request of an update while it is gathered. */
export interface ConfigChange {
  readonly body: RequestBody;
  /** The disks that the request names. */
  readonly disks: StorageDevices;
  needsPowerCycle: boolean;
  rebuildsCloudInit: boolean;
}

interface ChangeStep {
  readonly operation: VmOperation;
  readonly target: PoweredVm;
  readonly now: Section;
  readonly config: VmConfig;
  readonly change: ConfigChange;
  readonly removedBefore: ReadonlySet<string>;
}

/** Gathers everything that has changed into one request; reads the configuration first. */
export async function updateConfigBody(
  operation: VmOperation,
  target: PoweredVm,
  removedBefore: ReadonlySet<string>,
): Promise<ConfigChange> {
  const change: ConfigChange = {
    body: emptyBody(),
    disks: new Map(),
    needsPowerCycle: false,
    rebuildsCloudInit: false,
  };
  const config = await target.vm.config(operation.deadline);
  const { now } = operation.data;
  const step: ChangeStep = { operation, target, now, config, change, removedBefore };
  changePlainValues(step);
  changeDevicesBeforeDisks(step);
  if (operation.data.hasChanged("cpu")) await requireRootForArchitecture(operation);
  changeCpu(operation.data, change);
  changeDisks(operation, config, change);
  await changeStateDisks(step);
  changeRng(step);
  await changeCloudInit(operation, target, config, change);
  changeNodeDevices(step);
  changeMemory(operation.data, change);
  changeDevicesAfterMemory(step);
  return change;
}

/** Single values by attribute; those with `isLive` need no power cycle. */
const plainValues = {
  acpi: { parameter: "acpi" },
  kvm_arguments: { parameter: "args" },
  bios: { parameter: "bios" },
  description: { parameter: "description", isLive: true },
  on_boot: { parameter: "onboot", isLive: true },
  keyboard_layout: { parameter: "keyboard" },
  machine: { parameter: "machine" },
  protection: { parameter: "protection", isLive: true },
  tablet_device: { parameter: "tablet" },
  scsi_hardware: { parameter: "scsihw" },
} as const satisfies Record<string, { parameter: string; isLive?: boolean }>;

function changePlainValues({ operation: { data }, now, change }: ChangeStep): void {
  const { values, removed } = change.body;
  for (const [attribute, { parameter, ...rest }] of Object.entries(plainValues)) {
    if (!data.hasChanged(attribute)) continue;
    const value = now.raw(attribute);
    values.set(parameter, typeof value === "boolean" ? flagText(value) : now.text(attribute));
    if (!("isLive" in rest)) change.needsPowerCycle = true;
  }
  if (data.hasChanged("tags")) values.set("tags", tagsParameter(now));
  for (const [attribute, parameter] of [
    ["hotplug", "hotplug"],
    ["hook_script_file_id", "hookscript"],
  ] as const) {
    if (!data.hasChanged(attribute)) continue;
    if (now.text(attribute) === "") removed.push(parameter);
    else values.set(parameter, now.text(attribute));
  }
  // The name goes along with every update.
  if (now.text("name") === "") removed.push("name");
  else values.set("name", now.text("name"));
}

function changeDevicesBeforeDisks({ operation: { data }, now, change }: ChangeStep): void {
  const { values, removed } = change.body;
  const cycles = (attribute: string): boolean => {
    if (!data.hasChanged(attribute)) return false;
    change.needsPowerCycle = true;
    return true;
  };
  if (cycles("agent")) addAgent(values, now.block("agent") ?? defaultAgent);
  if (cycles("amd_sev")) addAmdSev(values, now);
  if (cycles("audio_device")) removed.push(...addAudio(values, now));
  if (cycles("boot_order")) {
    const order = now.texts("boot_order");
    if (order.length > 0) values.set("boot", `order=${order.join(";")}`);
  }
  if (data.hasChanged("cdrom")) changeCdrom(data.before.block("cdrom"), now.block("cdrom"), change);
}

function changeCdrom(before: Section | undefined, now: Section | undefined, change: ConfigChange): void {
  const slot = now?.text("interface") ?? "ide3";
  const oldSlot = before?.text("interface") ?? slot;
  if ((oldSlot === "" ? "ide3" : oldSlot) !== slot) change.body.removed.push(oldSlot);
  const file = now?.text("file_id") ?? "";
  const device = { volume: file === "" ? "cdrom" : file, media: "cdrom", options: {} };
  change.body.values.set(slot, formatStorageDevice(device));
}

async function changeStateDisks({ operation, target, now, change }: ChangeStep): Promise<void> {
  const { data } = operation;
  const hasMoved = (key: string): boolean => {
    const [old, next] = [data.before.block(key), data.now.block(key)];
    return old !== undefined && next !== undefined && old.text("datastore_id") !== next.text("datastore_id");
  };
  const efi = now.block("efi_disk");
  if (data.hasChanged("efi_disk")) {
    if (efi !== undefined && !hasMoved("efi_disk")) change.body.values.set("efidisk0", efiDiskParameter(efi));
    change.needsPowerCycle = true;
  }
  if (!data.hasChanged("tpm_state")) return;
  if ((await powerOffFor(target, true)) === "forbidden") {
    await refuseWhileRunning(operation, "add, remove, or update the TPM device");
  }
  const tpm = now.block("tpm_state");
  if (tpm === undefined) change.body.removed.push("tpmstate0");
  else if (!hasMoved("tpm_state")) change.body.values.set("tpmstate0", tpmStateParameter(tpm));
  change.needsPowerCycle = true;
}

function changeRng({ operation: { data }, now, change }: ChangeStep): void {
  if (!data.hasChanged("rng")) return;
  addRng(change.body.values, now);
  change.needsPowerCycle = true;
}

function changeNodeDevices({ operation: { data }, now, change, removedBefore }: ChangeStep): void {
  const { values, removed } = change.body;
  for (const [attribute, prefix, count, add] of [
    ["hostpci", "hostpci", 16, addHostPci],
    ["numa", "numa", 8, addNuma],
    ["usb", "usb", 4, addUsb],
  ] as const) {
    if (!data.hasChanged(attribute)) continue;
    const own = new Map<string, string>();
    add(own, now);
    for (const [slot, value] of own) values.set(slot, value);
    removed.push(...slots(prefix, 0, count).filter((slot) => !own.has(slot) && !removedBefore.has(slot)));
    change.needsPowerCycle = true;
  }
}

function changeDevicesAfterMemory({ operation: { data }, now, config, change }: ChangeStep): void {
  const { values, removed } = change.body;
  if (data.hasChanged("network_device")) {
    removed.push(...addNetworkDevices(values, now));
    const count = now.blocks("network_device").length;
    removed.push(...existingNetworkSlots(config).filter((slot) => Number(slot.slice(3)) >= count));
  }
  for (const [attribute, changeDevice] of Object.entries(cyclingDevices)) {
    if (!data.hasChanged(attribute)) continue;
    removed.push(...changeDevice(values, now));
    change.needsPowerCycle = true;
  }
  if (data.hasChanged("smbios") && !addSmbios(values, now)) removed.push("smbios1");
  if (data.hasChanged("startup") && !addStartup(values, now)) removed.push("startup");
}

/** Devices whose change needs a power cycle; each gives back the keys to remove. */
const cyclingDevices: Readonly<
  Record<string, (values: Map<string, string>, now: Section) => readonly string[]>
> = {
  operating_system: (values, now) => {
    values.set("ostype", now.block("operating_system")?.text("type") ?? "other");
    return [];
  },
  serial_device: addSerial,
  vga: (values, now) => {
    addVga(values, now);
    return [];
  },
  virtiofs: addVirtiofs,
  watchdog: (values, now) => (addWatchdog(values, now) ? [] : ["watchdog"]),
};
