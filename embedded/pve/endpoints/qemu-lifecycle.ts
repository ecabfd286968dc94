import { randomUUID } from "node:crypto";
import { hasPrivilege } from "../access/permissions.ts";
import { splitList } from "../check/split-list.ts";
import { type ConfigChange, checkChange, toConfigChange, updateConfig } from "../config/update-config.ts";
import { failure, permissionDenied } from "../http/api-error.ts";
import { checkConvertible, convertToTemplate } from "../machine/convert-to-template.ts";
import { checkDestroyable, destroyVm, discardVm } from "../machine/destroy-vm.ts";
import { startVm } from "../machine/start-vm.ts";
import { qemuStatus, vmStatus } from "../reports/vm-status.ts";
import type { Cluster } from "../state/cluster.ts";
import { reasonOf, type TaskContext } from "../state/task.ts";
import { createVm, type Vm } from "../state/vm.ts";
import { checkPoolExists } from "./check-existing.ts";
import { type Call, type EndpointTable, flag, integer, optionalText, text } from "./endpoint.ts";
import { refuseSkipLock, startVmTask, vmOf } from "./vm-call.ts";

function listVms(call: Call): unknown[] {
  const { cluster, caller } = call;
  const node = text(call, "node");
  return [...cluster.vms.values()]
    .filter((vm) => vm.node === node && hasPrivilege(cluster, caller, `/vms/${vm.vmid}`, "VM.Audit"))
    .map((vm) => ({
      ...vmStatus(cluster, vm),
      ...(flag(call, "full") ? { qmpstatus: qemuStatus(vm) } : {}),
    }));
}

/** Parameters of the create call that are no configuration. */
const createControls = new Set(
  splitList(
    "archive start pool storage unique bwlimit live-restore import-working-storage ha-managed force skiplock",
  ),
);

/** @throws ApiError 403 for callers who may allocate neither the VM nor in its pool. */
function checkAllocate(call: Call, vmid: number): void {
  const { cluster, caller } = call;
  const pool = optionalText(call, "pool");
  const paths = pool === undefined ? [`/vms/${vmid}`] : [`/vms/${vmid}`, `/pool/${pool}`];
  if (!paths.some((path) => hasPrivilege(cluster, caller, path, "VM.Allocate"))) throw permissionDenied();
}

function checkCreate(call: Call, vmid: number): void {
  checkPoolExists(call);
  if (optionalText(call, "archive") !== undefined)
    throw failure("unable to restore VM - archives are not available");
  const existing = call.cluster.vms.get(vmid);
  if (existing !== undefined) {
    throw failure(`unable to create VM ${vmid} - VM ${vmid} already exists on node '${existing.node}'`);
  }
}

function identity(nowSeconds: number): Record<string, string> {
  return {
    smbios1: `uuid=${randomUUID()}`,
    vmgenid: randomUUID(),
    meta: `creation-qemu=10.0.13,ctime=${nowSeconds}`,
  };
}

function createEndpoint(call: Call): string {
  const { cluster, caller } = call;
  const vmid = integer(call, "vmid");
  const node = text(call, "node");
  const settings = Object.fromEntries(
    Object.entries(call.parameters).filter(([name]) => !createControls.has(name)),
  );
  const change = toConfigChange(settings);
  checkAllocate(call, vmid);
  checkChange(cluster, caller, { vmid, node }, change);
  checkCreate(call, vmid);
  const vm = createVm(cluster, vmid, node, { lock: "create" });
  const work = ({ log }: TaskContext) => {
    fillNewVm(cluster, vm, change, log);
    const pool = optionalText(call, "pool");
    if (pool !== undefined) cluster.pools.get(pool)?.vmids.add(vmid);
    if (flag(call, "start"))
      startVmTask(call, vm, { type: "qmstart", work: (start) => startVm(cluster, vm, start) });
  };
  return startVmTask(call, vm, { type: "qmcreate", work, undo: () => discardVm(cluster, vm) });
}

function fillNewVm(cluster: Cluster, vm: Vm, change: ConfigChange, log: (line: string) => void): void {
  try {
    vm.config = identity(cluster.clock.nowSeconds());
    updateConfig(cluster, vm, change, log);
  } catch (error) {
    throw failure(`unable to create VM ${vm.vmid} - ${reasonOf(error)}`);
  }
}

function destroyEndpoint(call: Call): string {
  const { cluster } = call;
  refuseSkipLock(call);
  const vm = vmOf(call);
  const options = { purge: flag(call, "purge"), unreferencedDisks: flag(call, "destroy-unreferenced-disks") };
  checkDestroyable(cluster, vm, options.purge);
  return startVmTask(call, vm, {
    type: "qmdestroy",
    work: ({ log }) => destroyVm(cluster, vm, options, log),
  });
}

function templateEndpoint(call: Call): string {
  const vm = vmOf(call);
  checkConvertible(vm);
  return startVmTask(call, vm, { type: "qmtemplate", work: () => convertToTemplate(call.cluster, vm) });
}

export const qemuLifecycleEndpoints: EndpointTable = {
  "GET /nodes/{node}/qemu": listVms,
  "POST /nodes/{node}/qemu": createEndpoint,
  "DELETE /nodes/{node}/qemu/{vmid}": destroyEndpoint,
  "POST /nodes/{node}/qemu/{vmid}/template": templateEndpoint,
};
