import { parsePropertyString } from "../check/parse-property-string.ts";
import { driveSizeBytes, formatOf, isCdrom, isDriveKey, parseDrive } from "../config/drives.ts";
import { haStatusOf } from "../ha/managed-resources.ts";
import type { Cluster } from "../state/cluster.ts";
import { nameOf, type Vm } from "../state/vm.ts";

const mebibyte = 1024 ** 2;

/** Size of the disk that the VM boots from, else of its first. Lists ask every VM, so no more drives are read than needed. */
function rootDiskBytes({ config }: Vm): number {
  const disks = Object.keys(config)
    .filter((key) => isDriveKey(key) && !/^(?:efidisk|tpmstate)/.test(key))
    .sort();
  const { order } = parsePropertyString(formatOf("boot"), String(config["boot"] ?? ""));
  const bootDisks = (order?.split(";") ?? []).filter((device) => disks.includes(device));
  for (const key of [...bootDisks, ...disks]) {
    const drive = parseDrive(key, String(config[key]));
    if (!isCdrom(drive)) return driveSizeBytes(drive);
  }
  return 0;
}

/** True when the VM is configured to have a guest agent. */
export function isAgentEnabled(vm: Vm): boolean {
  return parsePropertyString(formatOf("agent"), String(vm.config["agent"] ?? "0"))["enabled"] === "1";
}

/** vCPUs that the VM gets: never more than its node has. */
function cpuCount(cluster: Cluster, { config, node }: Vm): number {
  const wanted = Number(config["vcpus"] ?? Number(config["sockets"] ?? 1) * Number(config["cores"] ?? 1));
  return Math.min(wanted, cluster.nodes.get(node)?.cpus ?? wanted);
}

function uptimeSeconds(cluster: Cluster, vm: Vm): number {
  return vm.process === undefined ? 0 : Math.floor((cluster.clock.nowMs() - vm.process.startedAtMs) / 1000);
}

/** The part of a VM's status that lists and single status have in common. */
export function vmStatus(cluster: Cluster, vm: Vm): Record<string, unknown> {
  const { config, process } = vm;
  return {
    vmid: vm.vmid,
    name: nameOf(vm),
    status: process === undefined ? "stopped" : "running",
    cpu: 0,
    cpus: cpuCount(cluster, vm),
    mem: 0,
    memhost: 0,
    maxmem: Number(config["memory"] ?? 512) * mebibyte,
    disk: 0,
    maxdisk: rootDiskBytes(vm),
    netin: 0,
    netout: 0,
    uptime: uptimeSeconds(cluster, vm),
    ...(process === undefined ? {} : { pid: process.pid }),
    ...(Object.keys(config).some((key) => /^serial\d$/.test(key)) ? { serial: 1 } : {}),
    ...(config["tags"] === undefined ? {} : { tags: config["tags"] }),
    ...(config["template"] === 1 ? { template: 1 } : {}),
    ...(config["lock"] === undefined ? {} : { lock: config["lock"] }),
    ...(Number(config["balloon"] ?? 0) > 0
      ? { balloon_min: Number(config["balloon"]) * mebibyte, shares: config["shares"] ?? 1000 }
      : {}),
  };
}

const pressures = ["cpu", "io", "memory"].flatMap((kind) => [`pressure${kind}some`, `pressure${kind}full`]);

function nicCounters(vm: Vm): Record<string, unknown> {
  const taps = Object.keys(vm.config).flatMap((key) => {
    const [, index] = /^net(\d+)$/.exec(key) ?? [];
    return index === undefined ? [] : [[`tap${vm.vmid}i${index}`, { netin: 0, netout: 0 }]];
  });
  return Object.fromEntries(taps);
}

/** What QEMU itself says of the VM. */
export function qemuStatus({ process }: Vm): "stopped" | "paused" | "running" {
  if (process === undefined) return "stopped";
  return process.paused ? "paused" : "running";
}

/** What `GET .../status/current` answers. */
export function currentStatus(cluster: Cluster, vm: Vm): Record<string, unknown> {
  const { config, process } = vm;
  const vga = config["vga"];
  const running =
    process === undefined
      ? {}
      : { nics: nicCounters(vm), ...Object.fromEntries(pressures.map((name) => [name, 0])) };
  return {
    ...vmStatus(cluster, vm),
    qmpstatus: qemuStatus(vm),
    ha: haStatusOf(cluster, vm),
    ...(isAgentEnabled(vm) ? { agent: 1 } : {}),
    ...(vga === undefined
      ? {}
      : { clipboard: parsePropertyString(formatOf("vga"), String(vga))["clipboard"] ?? null }),
    ...running,
  };
}
