import { setImmediate as immediate, setTimeout as sleep } from "node:timers/promises";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "./cluster.ts";
import { requireVm, type Vm } from "./vm.ts";

async function turnComes(before: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const timeout = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  const came = await Promise.race([before.then(() => true), timeout]);
  timer.abort();
  return came;
}

/** Whether the turn comes without waiting, given what is under way already. */
async function isFree(before: Promise<unknown>): Promise<boolean> {
  return Promise.race([before.then(() => true), immediate(false)]);
}

/**
 * Runs `action` while no other operation changes the VM; `log` hears of it when that means waiting.
 *
 * @throws ApiError 500 `can't lock file ...` when the operation before takes too long, or `... does not exist` when
 * it destroyed the VM.
 */
export async function withVmLock<T>(
  cluster: Cluster,
  vm: Vm,
  action: () => T | Promise<T>,
  log: (line: string) => void = () => undefined,
): Promise<T> {
  const before = vm.lockTail;
  const own = Promise.withResolvers<void>();
  vm.lockTail = before.then(() => own.promise);
  try {
    if (!(await isFree(before))) log("trying to acquire lock...");
    if (!(await turnComes(before, cluster.delays.lockTimeoutMs))) {
      throw failure(`can't lock file '/var/lock/qemu-server/lock-${vm.vmid}.conf' - got timeout`);
    }
    requireVm(cluster, vm);
    return await action();
  } finally {
    own.resolve();
  }
}
