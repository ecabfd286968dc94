import { isRoot } from "../access/caller.ts";
import { badParameters } from "../http/api-error.ts";
import { startTask, type TaskContext } from "../state/task.ts";
import { getVm, type Vm } from "../state/vm.ts";
import { withVmLock } from "../state/vm-lock.ts";
import { type Call, flag, integer, text } from "./endpoint.ts";

/** @throws ApiError 400 when anybody but root wants to ignore locks. */
export function refuseSkipLock(call: Call): void {
  if (flag(call, "skiplock") && !isRoot(call.caller)) {
    throw badParameters({ skiplock: "Only root may use this option." });
  }
}

/** The VM that a call's path names. */
export function vmOf(call: Call): Vm {
  return getVm(call.cluster, text(call, "node"), integer(call, "vmid"));
}

interface VmTask {
  /** `qmstart`, `qmconfig`, ... */
  readonly type: string;
  readonly work: (context: TaskContext) => void | Promise<void>;
  /** Takes back what was prepared before the task began. */
  readonly undo?: () => void;
}

/** Starts a task that works on a VM while nothing else does, and returns its UPID. */
export function startVmTask({ cluster, caller }: Call, vm: Vm, { work, ...task }: VmTask): string {
  const newTask = { node: vm.node, id: String(vm.vmid), caller, ...task };
  return startTask(cluster, newTask, (context) => withVmLock(cluster, vm, () => work(context), context.log));
}
