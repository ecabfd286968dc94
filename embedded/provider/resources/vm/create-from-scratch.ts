import { expectSuccess } from "../../api/tasks.ts";
import { createVmApi } from "../../api/vm-api.ts";
import { chooseVmId } from "./choose-vm-id.ts";
import { requireRootForArchitecture } from "./cpu-memory-parameters.ts";
import { finishCreation } from "./finish-creation.ts";
import { plannedDisks } from "./planned-disks.ts";
import { bodyParameters } from "./request-body.ts";
import { scratchConfigBody } from "./scratch-config-body.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * Creates a VM without a template. The server's refusal of a used VMID is taken for success at the second try, as the
 * real provider does; `disk.file_id` needs SSH to the node and is refused.
 * Public source: bpg/proxmox 0.111.1, vmCreateCustom.
 */
export async function createFromScratch(operation: VmOperation): Promise<void> {
  const { data, session, deadline, warn } = operation;
  const disks = plannedDisks(data.now.blocks("disk"));
  const vmid = await chooseVmId(operation);
  await requireRootForArchitecture(operation);
  const body = scratchConfigBody(operation, vmid, disks);
  const vm = createVmApi(session.api, data.now.text("node_name"), vmid);
  expectSuccess(await vm.create(bodyParameters(body) ?? {}, deadline), "VM create", warn);
  data.id = String(vmid);
  for (const [slot, disk] of disks) {
    if ((disk.fileId ?? "") !== "")
      throw new Error(`creating custom disk: ${slot} would be imported over SSH`);
  }
  for (const [slot, disk] of disks) {
    if ((disk.importFrom ?? "") === "") continue;
    expectSuccess(await vm.resize(slot, disk.size ?? 0, deadline), "VM disk resize", warn);
  }
  await finishCreation(operation, vm);
}
