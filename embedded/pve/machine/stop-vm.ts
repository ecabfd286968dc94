import { applyPending } from "../config/change-config.ts";
import { AgentError, AgentNotRunning } from "../guest-port.ts";
import { failure } from "../http/api-error.ts";
import { isAgentEnabled } from "../reports/vm-status.ts";
import type { Cluster } from "../state/cluster.ts";
import type { TaskContext } from "../state/task.ts";
import { checkLock, type Vm } from "../state/vm.ts";

function processEnded(cluster: Cluster, vm: Vm): void {
  vm.process = undefined;
  applyPending(cluster, vm);
}

/** Cuts a VM's power; a stopped one stays as it is. */
export async function powerOff(cluster: Cluster, vm: Vm): Promise<void> {
  if (vm.process === undefined) return;
  await cluster.guests.powerOff(vm.vmid);
  processEnded(cluster, vm);
}

/** Before a shutdown an enabled agent is asked for a sign of life. */
async function pingAgent(cluster: Cluster, vm: Vm, { log }: TaskContext): Promise<void> {
  if (!isAgentEnabled(vm)) return;
  try {
    await cluster.guests.agent(vm.vmid, "ping", {});
  } catch (error) {
    if (!(error instanceof AgentNotRunning || error instanceof AgentError)) throw error;
    await cluster.clock.sleep(cluster.delays.silentAgentMs);
    log(`QEMU Guest Agent is not running - VM ${vm.vmid} qga command 'guest-ping' failed - got timeout`);
  }
}

/** Waits for the guest to power itself off: true when it did within the timeout. */
async function guestObeys(
  cluster: Cluster,
  vm: Vm,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const timer = new AbortController();
  const timeout = cluster.clock.sleep(timeoutSeconds * 1000, AbortSignal.any([timer.signal, signal])).then(
    () => false,
    () => false,
  );
  const asked = cluster.guests.shutdown(vm.vmid).then((obeyed) => obeyed || timeout);
  const obeyed = await Promise.race([asked, timeout]);
  timer.abort();
  return obeyed;
}

/** How a guest is asked to shut down. */
export interface ShutdownOptions {
  readonly timeoutSeconds: number;
  /** Cut the power of a guest that does not obey, instead of failing. */
  readonly forceStop: boolean;
}

/**
 * Asks the guest to shut down, through its agent or by ACPI.
 *
 * @throws ApiError when it is still running after the timeout and `forceStop` is off.
 */
export async function shutdownVm(
  cluster: Cluster,
  vm: Vm,
  options: ShutdownOptions,
  context: TaskContext,
): Promise<void> {
  checkLock(vm);
  if (vm.process === undefined) return;
  await pingAgent(cluster, vm, context);
  if (await guestObeys(cluster, vm, options.timeoutSeconds, context.signal)) return processEnded(cluster, vm);
  context.signal.throwIfAborted();
  if (!options.forceStop) throw failure("VM quit/powerdown failed - got timeout");
  context.log("VM still running - terminating now with SIGTERM");
  await powerOff(cluster, vm);
}
