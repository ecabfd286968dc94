import type { PlannedChange } from "./show.ts";

/**
 * What an update does to a machine's power. "power cycle": it is shut down and started again, or rebooted. "reboot
 * later": the new values wait for a reboot that `reboot_after_update = false` leaves to the user.
 */
export type PowerEffect = "none" | "power cycle" | "reboot later" | "start" | "stop";

type Attributes = Readonly<Record<string, unknown>>;

/** A machine's attributes on both sides of an update, and the paths that differ. */
interface Update {
  readonly before: Attributes;
  readonly after: Attributes;
  readonly paths: readonly string[];
}

/** Tells whether a running machine needs a power cycle to take the changed attribute over. */
type Need = (update: Update) => boolean;

const always: Need = () => true;

/**
 * The attributes whose change a running machine takes over by a power cycle only; every other one changes live.
 * Public source: bpg/proxmox 0.111.1, vmUpdate, the places that set rebootRequired or shut the machine down.
 */
const needs: Readonly<Record<string, Need>> = {
  acpi: always,
  agent: always,
  amd_sev: always,
  audio_device: always,
  bios: always,
  boot_order: always,
  cpu: cpuNeed,
  disk: diskNeed,
  efi_disk: always,
  hostpci: always,
  initialization: always,
  keyboard_layout: always,
  kvm_arguments: always,
  machine: always,
  memory: memoryNeed,
  numa: always,
  operating_system: always,
  rng: always,
  scsi_hardware: always,
  serial_device: always,
  tablet_device: always,
  tpm_state: always,
  usb: always,
  vga: always,
  virtiofs: always,
  watchdog: always,
};

/**
 * What an update of a machine does to its power, and which of the changed attributes (paths as `changedAttributes`
 * gives them) are the reason; no reasons for a start or a stop.
 */
export function powerEffect(
  change: PlannedChange["change"],
  changedPaths: readonly string[],
): { readonly effect: PowerEffect; readonly because: readonly string[] } {
  const update = {
    before: attributesOf(change.before),
    after: attributesOf(change.after),
    paths: changedPaths,
  };
  const [wasOn, isOn] = [update.before["started"] === true, update.after["started"] === true];
  if (wasOn !== isOn) return { effect: isOn ? "start" : "stop", because: [] };
  const because = isOn ? changedPaths.filter((path) => needs[rootOf(path)]?.(update)) : [];
  if (because.length === 0) return { effect: "none", because };
  const isAllowed = update.after["reboot_after_update"] !== false;
  return { effect: isAllowed ? "power cycle" : "reboot later", because };
}

/** Only the number of plugged processors changes live, and only where the machine's hot-plug setting has "cpu". */
function cpuNeed({ after, paths }: Update): boolean {
  const others = paths.filter((path) => rootOf(path) === "cpu" && path !== "cpu[0].hotplugged");
  return others.length > 0 || !isHotPluggable(after, "cpu");
}

/** Only growth is live, and only where the machine's hot-plug setting has "memory". */
function memoryNeed({ before, after, paths }: Update): boolean {
  const [old = {}, planned = {}] = [blocks(before, "memory")[0], blocks(after, "memory")[0]];
  const hasGrown = ["dedicated", "floating", "shared"].every(
    (key) => Number(planned[key] ?? 0) >= Number(old[key] ?? 0),
  );
  return !hasGrown || paths.some((path) => path.endsWith("hugepages")) || !isHotPluggable(after, "memory");
}

/** A disk that stays needs one to change its datastore, its queues or its way of input and output; growth where "disk" is no hot-plug feature. */
function diskNeed({ before, after }: Update): boolean {
  const planned = new Map(blocks(after, "disk").map((disk) => [disk["interface"], disk]));
  return blocks(before, "disk").some((old) => {
    const next = planned.get(old["interface"]);
    if (next === undefined) return false;
    const differs = (key: string): boolean => (old[key] || 0) !== (next[key] || 0);
    return (
      ["datastore_id", "aio", "queues"].some(differs) || (differs("size") && !isHotPluggable(after, "disk"))
    );
  });
}

function isHotPluggable(attributes: Attributes, feature: string): boolean {
  // What the server does where nothing is configured.
  const setting = String(attributes["hotplug"] || "network,disk,usb");
  if (setting === "0" || setting === "1") return setting === "1";
  return setting.split(",").includes(feature);
}

function blocks(attributes: Attributes, name: string): readonly Attributes[] {
  const value = attributes[name];
  return Array.isArray(value) ? value.map(attributesOf) : [];
}

function attributesOf(value: unknown): Attributes {
  return typeof value === "object" && value !== null ? (value as Attributes) : {};
}

/** "cpu" of "cpu[0].cores". */
function rootOf(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}
