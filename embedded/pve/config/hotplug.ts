import { parsePropertyString } from "../check/parse-property-string.ts";
import { splitList } from "../check/split-list.ts";
import type { ParameterErrors } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Vm } from "../state/vm.ts";
import { deleteKey, setKey } from "./change-config.ts";
import { writeCloudInit } from "./cloud-init.ts";
import { formatOf, isCdrom, isCloudInitDrive, parseDrive } from "./drives.ts";
import { parseNetworkDevice } from "./network-device.ts";

/** What becomes of a change on a running VM: it is made, it waits for the next start, or it fails and waits. */
type Outcome = "live" | "waits" | { readonly failed: string };

/** Keys that a running machine does not notice (qemu-server 9, fast_plug_option). */
const liveKeys = new Set([
  "allow-ksm",
  "cpulimit",
  "cpuunits",
  "description",
  "hookscript",
  "lock",
  "migrate_downtime",
  "migrate_speed",
  "name",
  "onboot",
  "protection",
  "shares",
  "startup",
  "tags",
  "vmstatestorage",
]);

/** Drive options that cannot change while the drive is in use. */
const fixedDriveOptions = [
  "aio",
  "cache",
  "detect_zeroes",
  "discard",
  "iothread",
  "queues",
  "ro",
  "serial",
  "ssd",
  "wwn",
];

const fixedAgentOptions = ["enabled", "type"];

function hotplugFeatures(vm: Vm): ReadonlySet<string> {
  const setting = String(vm.config["hotplug"] ?? "1");
  if (setting === "0") return new Set();
  return new Set(setting === "1" ? ["network", "disk", "usb"] : splitList(setting));
}

/** One key of a running VM that is about to change. */
interface Change {
  readonly cluster: Cluster;
  readonly vm: Vm;
  readonly key: string;
  /** undefined when the key is deleted. */
  readonly value: string | number | undefined;
  readonly features: ReadonlySet<string>;
}

function liveIf(condition: boolean): Outcome {
  return condition ? "live" : "waits";
}

/** Turning ballooning on or off needs a restart, another size does not. */
function balloonOutcome({ vm, value }: Change): Outcome {
  const isOff = (size: string | number | undefined) => size !== undefined && Number(size) === 0;
  return liveIf(isOff(value) === isOff(vm.config["balloon"]));
}

function networkOutcome({ cluster, vm, key, value, features }: Change): Outcome {
  if (!features.has("network")) return "waits";
  if (value === undefined) return unplugged(cluster, vm, key);
  const { bridge } = parseNetworkDevice(key, String(value));
  if (bridge === undefined || cluster.nodes.get(vm.node)?.bridges.has(bridge)) return "live";
  if (vm.config[key] !== undefined) return { failed: `interface ${bridge} does not exist` };
  const script = "/usr/libexec/qemu-server/pve-bridge-hotplug";
  return {
    failed: `VM ${vm.vmid} qmp command 'netdev_add' failed - network script ${script} failed with status 65280`,
  };
}

/** A device goes only when the guest lets go of it; its name inside QEMU is not always its key. */
function unplugged(cluster: Cluster, vm: Vm, device: string): Outcome {
  if (cluster.guests.holdsDevices?.(vm.vmid) !== true) return "live";
  return { failed: `error on hot-unplugging device '${device}' - still busy in guest?` };
}

/** With a controller of its own for each SCSI disk, the controller is unplugged. */
function driveDevice({ config }: Vm, key: string): string {
  return config["scsihw"] === "virtio-scsi-single" ? key.replace(/^scsi/, "virtioscsi") : key;
}

type Options = Readonly<Record<string, string>>;

function isAlike(one: Options, other: Options, keys: readonly string[]): boolean {
  return keys.every((key) => one[key] === other[key]);
}

function driveOutcome({ cluster, vm, key, value, features }: Change): Outcome {
  const canPlug = features.has("disk") && /^(?:scsi|virtio)/.test(key);
  const before = vm.config[key];
  if (value === undefined && canPlug) return unplugged(cluster, vm, driveDevice(vm, key));
  if (value === undefined || before === undefined) return liveIf(canPlug);
  const [drive, old] = [parseDrive(key, String(value)), parseDrive(key, String(before))];
  if (isCdrom(drive) && isCdrom(old)) return "live";
  if (drive.file !== old.file) return liveIf(canPlug);
  return liveIf(features.has("disk") && isAlike(drive, old, fixedDriveOptions));
}

function agentOutcome({ vm, value }: Change): Outcome {
  const [before, after] = [vm.config["agent"], value].map((text) =>
    parsePropertyString(formatOf("agent"), String(text ?? "0")),
  );
  return liveIf(isAlike(before ?? {}, after ?? {}, fixedAgentOptions));
}

/** What a cloud-init drive will hold; the drive itself keeps the old values until it is written again. */
const cloudInitPattern =
  /^(?:ciuser|cipassword|citype|ciupgrade|cicustom|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;

const drivePattern = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate)\d+$/;

/** Keys that can change while the VM runs, and when. All other keys wait for the next start. */
const liveChanges: readonly (readonly [RegExp, (change: Change) => Outcome])[] = [
  [/^agent$/, agentOutcome],
  [/^balloon$/, balloonOutcome],
  [/^vcpus$/, ({ features }) => liveIf(features.has("cpu"))],
  [/^memory$/, ({ features }) => liveIf(features.has("memory"))],
  [/^(?:tablet|usb\d+)$/, ({ features }) => liveIf(features.has("usb"))],
  [/^net\d+$/, networkOutcome],
  [drivePattern, driveOutcome],
  [cloudInitPattern, () => "live"],
  [/^unused\d+$/, () => "live"],
];

function outcomeOf(change: Change): Outcome {
  if (liveKeys.has(change.key)) return "live";
  const [, decide] = liveChanges.find(([pattern]) => pattern.test(change.key)) ?? [];
  return decide === undefined ? "waits" : decide(change);
}

/**
 * Makes those waiting changes of a running VM that need no restart. What failed stays waiting and is returned:
 * the API answers 400 and `GET .../config` shows the value as if it were set.
 */
export function hotplugPending(cluster: Cluster, vm: Vm): ParameterErrors {
  const errors: Record<string, string> = {};
  const features = hotplugFeatures(vm);
  for (const [key, force] of [...vm.pendingDelete]) {
    const outcome = outcomeOf({ cluster, vm, key, value: undefined, features });
    if (outcome === "live") {
      deleteKey(cluster, vm, key, force);
      vm.pendingDelete.delete(key);
    } else if (outcome !== "waits") errors[key] = hotplugProblem(outcome);
  }
  for (const [key, value] of Object.entries(vm.pending)) {
    const outcome = outcomeOf({ cluster, vm, key, value, features });
    if (outcome === "live") {
      setKey(cluster, vm, key, value);
      delete vm.pending[key];
      const isOnDrive = features.has("cloudinit") && cloudInitPattern.test(key);
      if (isOnDrive || isCloudInitDrive(key, value)) writeCloudInit(cluster, vm, vm.config);
    } else if (outcome !== "waits") errors[key] = hotplugProblem(outcome);
  }
  return errors;
}

function hotplugProblem({ failed }: Exclude<Outcome, string>): string {
  return `hotplug problem - ${failed}\n`;
}
