import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { reasonOf, type TaskContext } from "../state/task.ts";
import { checkLock, type Vm, type VmProcess } from "../state/vm.ts";
import { withVmLock } from "../state/vm-lock.ts";
import { bootGuest, startVm } from "./start-vm.ts";
import { shutdownVm } from "./stop-vm.ts";

/** @throws ApiError 500 when the VM is locked or does not run. */
export function requireProcess(vm: Vm): VmProcess {
  checkLock(vm);
  if (vm.process === undefined) throw failure(`VM ${vm.vmid} not running`);
  return vm.process;
}

/** Presses the reset button: the guest boots again, the process stays. */
export async function resetVm(cluster: Cluster, vm: Vm): Promise<void> {
  const process = requireProcess(vm);
  await cluster.guests.powerOff(vm.vmid);
  await bootGuest(cluster, vm, process);
}

/** Shuts the guest down; the start comes by itself a moment later, outside the task. */
export async function rebootVm(
  cluster: Cluster,
  vm: Vm,
  timeoutSeconds: number,
  context: TaskContext,
): Promise<void> {
  requireProcess(vm);
  await shutdownVm(cluster, vm, { timeoutSeconds, forceStop: false }, context);
  void startAgain(cluster, vm, context);
}

/** A start that fails leaves the VM stopped; the reboot's log says why. */
async function startAgain(cluster: Cluster, vm: Vm, context: TaskContext): Promise<void> {
  try {
    await cluster.clock.sleep(cluster.delays.rebootGapMs);
    await withVmLock(cluster, vm, () =>
      startVm(cluster, vm, { log: () => undefined, signal: context.signal }),
    );
  } catch (error) {
    context.log(`start failed: ${reasonOf(error)}`);
  }
}
