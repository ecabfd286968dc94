import { applyPending } from "../config/change-config.ts";
import { hasCloudInitDrive, writeCloudInit } from "../config/cloud-init.ts";
import { parseNetworkDevice } from "../config/network-device.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { TaskContext } from "../state/task.ts";
import { checkLock, isTemplate, nameOf, type Vm, type VmProcess } from "../state/vm.ts";

function checkBridges(cluster: Cluster, vm: Vm): void {
  const bridges = cluster.nodes.get(vm.node)?.bridges;
  for (const [key, value] of Object.entries(vm.config)) {
    if (!/^net\d+$/.test(key)) continue;
    const { bridge } = parseNetworkDevice(key, String(value));
    if (bridge !== undefined && !bridges?.has(bridge)) throw failure(`bridge '${bridge}' does not exist`);
  }
}

function checkCpus(cluster: Cluster, vm: Vm): void {
  const cpus = cluster.nodes.get(vm.node)?.cpus ?? 0;
  const wanted = Number(vm.config["sockets"] ?? 1) * Number(vm.config["cores"] ?? 1);
  if (wanted > cpus) throw failure(`MAX ${cpus} vcpus allowed per VM on this node`);
}

function refreshCloudInit(cluster: Cluster, vm: Vm, { log }: TaskContext): void {
  if (!hasCloudInitDrive(vm)) return;
  log("generating cloud-init ISO");
  writeCloudInit(cluster, vm, vm.config);
}

/** Powers the guest on; one that does not boot leaves the VM stopped. */
export async function bootGuest(cluster: Cluster, vm: Vm, process: VmProcess): Promise<void> {
  vm.process = process;
  try {
    await cluster.guests.boot({ vmid: vm.vmid, node: vm.node, name: nameOf(vm), config: process.config });
  } catch (error) {
    vm.process = undefined;
    throw error;
  }
}

/**
 * Starts a VM: applies waiting changes, writes the cloud-init drive, checks what only shows at the start, boots.
 *
 * @throws ApiError when it is a template, locked, running already, or misses a bridge or CPUs.
 */
export async function startVm(cluster: Cluster, vm: Vm, context: TaskContext): Promise<void> {
  checkLock(vm);
  if (isTemplate(vm)) throw failure("you can't start a vm if it's a template");
  if (vm.process !== undefined) throw failure(`VM ${vm.vmid} already running`);
  applyPending(cluster, vm);
  refreshCloudInit(cluster, vm, context);
  checkCpus(cluster, vm);
  checkBridges(cluster, vm);
  const { clock } = cluster;
  const process = {
    pid: clock.nextPid(),
    startedAtMs: clock.nowMs(),
    config: { ...vm.config },
    paused: false,
  };
  await bootGuest(cluster, vm, process);
}
