import type { FaultState } from "./fault-state.ts";
import { takeFault } from "./fault-state.ts";

/** What a task meets. */
export interface TaskFaults {
  /** How long the task runs at least, in milliseconds; undefined leaves it as it is. */
  readonly leastMs: number | undefined;
  /** The status that the task ends with, before or after its work was done. */
  readonly failure: { readonly exitStatus: string; readonly afterWork: boolean } | undefined;
}

interface TaskIdentity {
  readonly type: string;
  readonly node: string;
  readonly id: string;
}

/** What Proxmox VE says when another process holds a machine's lock file for too long. */
export function lockTimeoutText(vmid: string | number): string {
  return `can't lock file '/var/lock/qemu-server/lock-${vmid}.conf' - got timeout`;
}

/** Decides what a task meets, once, when it starts. */
export function takeTaskFaults(faults: FaultState, task: TaskIdentity, nowMs: number): TaskFaults {
  const vmid = /^\d+$/.test(task.id) ? Number(task.id) : undefined;
  const event = { nowMs, task: task.type, node: task.node, vmid };
  const duration = takeFault(faults, ["task-duration"], event);
  const failure = takeFault(faults, ["task-failure"], event);
  return {
    leastMs: duration?.ms,
    failure:
      failure === undefined
        ? undefined
        : {
            exitStatus: failure.exitStatus ?? lockTimeoutText(task.id),
            afterWork: failure.afterWork ?? false,
          },
  };
}
