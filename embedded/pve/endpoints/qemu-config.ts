import { configWithPending } from "../config/change-config.ts";
import { configDigest } from "../config/config-digest.ts";
import { type ConfigChange, checkChange, toConfigChange, updateConfig } from "../config/update-config.ts";
import { failure } from "../http/api-error.ts";
import { getSnapshot } from "../machine/vm-snapshots.ts";
import type { TaskContext } from "../state/task.ts";
import type { Vm } from "../state/vm.ts";
import { withVmLock } from "../state/vm-lock.ts";
import { type Call, type EndpointTable, flag, integer, optionalText, text } from "./endpoint.ts";
import { refuseSkipLock, startVmTask, vmOf } from "./vm-call.ts";

function showConfig(call: Call): Record<string, unknown> {
  const vm = vmOf(call);
  const snapshotName = optionalText(call, "snapshot");
  if (snapshotName !== undefined) {
    return { ...getSnapshot(vm, snapshotName).config, digest: configDigest(vm) };
  }
  const config = flag(call, "current") ? vm.config : configWithPending(vm);
  return { ...config, digest: configDigest(vm) };
}

function showPending(call: Call): unknown[] {
  const vm = vmOf(call);
  const keys = new Set([...Object.keys(vm.config), ...Object.keys(vm.pending)]);
  const entries = [...keys].map((key) => ({
    key,
    ...(vm.config[key] === undefined ? {} : { value: vm.config[key] }),
    ...(vm.pending[key] === undefined ? {} : { pending: vm.pending[key] }),
    ...(vm.pendingDelete.has(key) ? { delete: vm.pendingDelete.get(key) ? 2 : 1 } : {}),
  }));
  return [...entries, { key: "digest", value: configDigest(vm) }];
}

function prepareChange(call: Call): { vm: Vm; change: ConfigChange } {
  refuseSkipLock(call);
  const change = toConfigChange(call.parameters);
  if (Object.keys(change.set).length + change.delete.length + change.revert.length === 0) {
    throw failure("no options specified");
  }
  checkChange(call.cluster, call.caller, { vmid: integer(call, "vmid"), node: text(call, "node") }, change);
  return { vm: vmOf(call), change: { ...change, caller: call.caller } };
}

async function putConfig(call: Call): Promise<null> {
  const { cluster } = call;
  const { vm, change } = prepareChange(call);
  await withVmLock(cluster, vm, () => updateConfig(cluster, vm, change, () => undefined));
  return null;
}

/** The command line that the task log repeats. */
function optionsLine(change: ConfigChange): string {
  const options = Object.keys(change.set)
    .sort()
    .map((key) => `-${key} ${key === "cipassword" ? "<hidden>" : change.set[key]}`);
  const deleted = change.delete.length === 0 ? [] : [`-delete ${change.delete.join(",")}`];
  return [...deleted, ...options].join(" ");
}

function postConfig(call: Call): string {
  const { vm, change } = prepareChange(call);
  const work = ({ log }: TaskContext) => {
    log(`update VM ${vm.vmid}: ${optionsLine(change)}`);
    updateConfig(call.cluster, vm, change, log);
  };
  return startVmTask(call, vm, { type: "qmconfig", work });
}

export const qemuConfigEndpoints: EndpointTable = {
  "GET /nodes/{node}/qemu/{vmid}/config": showConfig,
  "PUT /nodes/{node}/qemu/{vmid}/config": putConfig,
  "POST /nodes/{node}/qemu/{vmid}/config": postConfig,
  "GET /nodes/{node}/qemu/{vmid}/pending": showPending,
};
