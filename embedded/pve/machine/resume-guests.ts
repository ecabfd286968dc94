import { runBounded } from "../../../lib/run-bounded.ts";
import { createCaller } from "../access/caller.ts";
import type { Cluster } from "../state/cluster.ts";
import { startTask } from "../state/task.ts";
import { nameOf, type Vm, type VmProcess } from "../state/vm.ts";

/** Boots take little but files and a key pair; more at once only get in each other's way. */
const atOnce = 8;

async function resume(cluster: Cluster, vm: Vm, process: VmProcess): Promise<void> {
  const { vmid, node } = vm;
  try {
    await cluster.guests.boot({ vmid, node, name: nameOf(vm), config: process.config, isResumed: true });
  } catch (error) {
    vm.process = undefined;
    const task = { node, type: "qmstart", id: String(vmid), caller: createCaller("root@pam") };
    startTask(cluster, task, () => Promise.reject(error));
  }
}

/** Boots the guests of the machines that a kept state says run. One that does not boot is stopped, with a task that says why. */
export async function resumeGuests(cluster: Cluster): Promise<void> {
  const running = [...cluster.vms.values()].flatMap((vm) =>
    vm.process === undefined ? [] : [[vm, vm.process] as const],
  );
  await runBounded(running, atOnce, ([vm, process]) => resume(cluster, vm, process));
}
