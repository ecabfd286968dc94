import { ApiError } from "../../api/api-error.ts";
import { type Deadline, deadlineInSeconds } from "../../api/deadline.ts";
import { expectSuccess } from "../../api/tasks.ts";
import { createVmApi, type VmApi } from "../../api/vm-api.ts";
import type { Operation } from "../../legacy/legacy-resource.ts";
import { ensureStopped, stop } from "./power.ts";

/**
 * Stops and deletes a VM, then asks for it until the server no longer knows it.
 * A VM that is gone already is an error: its status cannot be read.
 */
export const deleteVm: Operation = async (data, session, warn) => {
  const { now } = data;
  const seconds = Math.max(now.number("timeout_stop_vm"), now.number("timeout_shutdown_vm"));
  const deadline = deadlineInSeconds(seconds, session.lifetime);
  const vm = createVmApi(session.api, now.text("node_name"), Number(data.id));
  const target = { vm, data, deadline, warn, power: { wasStopped: false } };
  if ((await vm.status(deadline)).status !== "stopped") {
    await (now.flag("stop_on_destroy") ? stop(target) : ensureStopped(target));
  }
  const options = {
    purge: now.flag("purge_on_destroy"),
    unreferencedDisks: now.flag("delete_unreferenced_disks_on_destroy"),
  };
  const result = await vm.remove(options, deadline);
  if (result.error instanceof ApiError && result.error.isNotFound) return;
  expectSuccess(result, "VM delete", warn);
  if (await isStillThere(vm, deadline)) throw new Error(`failed to delete VM "${vm.vmid}"`);
};

async function isStillThere(vm: VmApi, deadline: Deadline): Promise<boolean> {
  try {
    await vm.waitForStatus("", deadline);
    return true;
  } catch (error) {
    // The first answer that is an error means that the VM is gone.
    if (error instanceof Error) return false;
    throw error;
  }
}
