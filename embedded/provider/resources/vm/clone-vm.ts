import type { Parameters } from "../../api/api-client.ts";
import { expectSuccess } from "../../api/tasks.ts";
import { createVmApi } from "../../api/vm-api.ts";
import type { Section } from "../../legacy/section.ts";
import { chooseVmId } from "./choose-vm-id.ts";
import { cloneConfigBody } from "./clone-config-body.ts";
import { updateClonedDisks } from "./cloned-disks.ts";
import { updateClonedState } from "./cloned-state-disks.ts";
import { finishCreation } from "./finish-creation.ts";
import { flagText } from "./property-string.ts";
import { bodyParameters } from "./request-body.ts";
import { allDatastoresShared } from "./shared-datastores.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * Creates a VM as a clone. From `data.id = ...` on a failure leaves the VM in the state, tainted; before, the VM may
 * be on the server and nowhere in the state.
 * Public source of the order of calls: bpg/proxmox 0.111.1, vmCreateClone.
 */
export async function cloneVm(operation: VmOperation): Promise<void> {
  const { data, session, deadline } = operation;
  const vmid = await chooseVmId(operation);
  await makeClone(operation, vmid);
  data.id = String(vmid);
  const vm = createVmApi(session.api, data.now.text("node_name"), vmid);
  await vm.waitForUnlock(deadline);
  const body = await cloneConfigBody(operation, vm);
  await vm.update(bodyParameters(body) ?? {}, deadline);
  const config = await vm.config(deadline);
  await updateClonedDisks(operation, vm, config);
  await updateClonedState(operation, vm, config);
  await finishCreation(operation, vm);
}

async function makeClone(operation: VmOperation, vmid: number): Promise<void> {
  const { data, session, deadline, warn } = operation;
  const clone = data.now.block("clone");
  if (clone === undefined) throw new TypeError("a clone block is needed here");
  const node = data.now.text("node_name");
  const sourceNode = clone.text("node_name") === "" ? node : clone.text("node_name");
  const template = createVmApi(session.api, sourceNode, clone.number("vm_id"));
  const isElsewhere = sourceNode !== node;
  const isShared = isElsewhere && (await allDatastoresShared(operation, template));
  const parameters = cloneParameters(data.now, clone, vmid, isShared ? node : "");
  expectSuccess(await template.clone(parameters, clone.number("retries"), deadline), "VM clone", warn);
  if (isElsewhere && !isShared) await migrateClone(operation, clone, sourceNode, vmid);
}

function cloneParameters(now: Section, clone: Section, vmid: number, target: string): Parameters {
  const optional = {
    description: now.text("description"),
    name: now.text("name"),
    pool: now.text("pool_id"),
    storage: clone.text("datastore_id"),
    target,
  };
  const given = Object.entries(optional).filter(([, value]) => value !== "");
  return { ...Object.fromEntries(given), full: flagText(clone.flag("full")), newid: String(vmid) };
}

// A clone cannot be made on another node's local storage, so it is made beside the template and moved.
async function migrateClone(
  { data, session, deadline, warn }: VmOperation,
  clone: Section,
  sourceNode: string,
  vmid: number,
): Promise<void> {
  const vm = createVmApi(session.api, sourceNode, vmid);
  await vm.waitForUnlock(deadline);
  const storage = clone.text("datastore_id");
  const parameters = {
    target: data.now.text("node_name"),
    "with-local-disks": "1",
    ...(storage === "" ? {} : { targetstorage: storage }),
  };
  expectSuccess(await vm.migrate(parameters, deadline), "VM migrate", warn);
}
