import { expectSuccess } from "../../api/tasks.ts";
import { createVmApi } from "../../api/vm-api.ts";
import type { Operation } from "../../legacy/legacy-resource.ts";
import { applyDiskChanges } from "./apply-disk-changes.ts";
import { migrateVm } from "./migrate-vm.ts";
import { moveBetweenPools } from "./move-between-pools.ts";
import { planDiskChanges } from "./plan-disk-changes.ts";
import type { PoweredVm } from "./power.ts";
import { finishPower, powerOffFor, refuseWhileRunning } from "./power-policy.ts";
import { readVmState } from "./read-vm.ts";
import { bodyParameters } from "./request-body.ts";
import { type ConfigChange, updateConfigBody } from "./update-config-body.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * Changes a VM in place: pool, node, configuration, template, cloud-init drive, disks, power, in this order.
 * A failure on the way leaves the planned values in the state: only the next refresh tells the truth.
 * Public source of the order: bpg/proxmox 0.111.1, vmUpdate.
 */
export const updateVm: Operation = async (data, session, warn) => {
  const operation: VmOperation = { data, session, warn, deadline: session.lifetime };
  await moveBetweenPools(operation);
  const power = { wasStopped: false };
  const removedBefore = data.hasChanged("node_name") ? await migrateVm(operation, power) : new Set<string>();
  const vm = createVmApi(session.api, data.now.text("node_name"), Number(data.id));
  const target: PoweredVm = { vm, data, deadline: session.lifetime, warn, power };
  const change = await updateConfigBody(operation, target, removedBefore);
  const parameters = bodyParameters(change.body);
  if (parameters !== undefined) await vm.update(parameters, session.lifetime);
  await convertToTemplate(operation, target, change);
  if (change.rebuildsCloudInit && !data.now.flag("template")) await vm.rebuildCloudInit(session.lifetime);
  const disks = await planDiskChanges(operation, vm);
  await applyDiskChanges(operation, target, change, disks);
  await finishPower(target, change);
  await readVmState(operation);
};

async function convertToTemplate(
  operation: VmOperation,
  target: PoweredVm,
  change: ConfigChange,
): Promise<void> {
  const { data, warn, deadline } = operation;
  if (!data.hasChanged("template")) return;
  if (!data.now.flag("template")) throw new Error("Cannot convert a template back to a regular VM");
  if ((await powerOffFor(target, true)) === "forbidden") {
    await refuseWhileRunning(operation, "convert the VM to a template");
  }
  expectSuccess(await target.vm.toTemplate(deadline), "VM convert to template", warn);
  change.needsPowerCycle = false;
}
