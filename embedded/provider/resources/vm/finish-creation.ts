import { expectSuccess } from "../../api/tasks.ts";
import type { VmApi } from "../../api/vm-api.ts";
import { ensureRunning, restart } from "./power.ts";
import { readVmState } from "./read-vm.ts";
import type { VmOperation } from "./vm-operation.ts";

/** Turns a new VM into a template or starts it, restarts it if asked to, and reads it back. */
export async function finishCreation(operation: VmOperation, vm: VmApi): Promise<void> {
  const { data, deadline, warn } = operation;
  const isTemplate = data.now.flag("template");
  if (isTemplate) expectSuccess(await vm.toTemplate(deadline), "VM convert to template", warn);
  if (data.now.flag("started") && !isTemplate) {
    const target = { vm, data, deadline, warn, power: { wasStopped: false } };
    await ensureRunning(target);
    if (data.now.flag("reboot")) await restart(target);
  }
  await readVmState(operation);
}
