import { configDigest } from "../config/config-digest.ts";
import { failure } from "../http/api-error.ts";
import { getSnapshot, removeSnapshot, rollBack, takeSnapshot } from "../machine/vm-snapshots.ts";
import type { Vm } from "../state/vm.ts";
import { type Call, type Endpoint, type EndpointTable, flag, optionalText, text } from "./endpoint.ts";
import { startVmTask, vmOf } from "./vm-call.ts";

function listSnapshots(call: Call): unknown[] {
  const vm = vmOf(call);
  const snapshots = [...vm.snapshots.values()].map(({ name, description, parent, takenAtSeconds }) => ({
    name,
    description: description ?? "",
    snaptime: takenAtSeconds,
    vmstate: 0,
    ...(parent === undefined ? {} : { parent }),
  }));
  const parent = vm.parentSnapshot;
  const current = {
    name: "current",
    description: "You are here!",
    digest: configDigest(vm),
    running: vm.process === undefined ? 0 : 1,
    ...(parent === undefined ? {} : { parent }),
  };
  return [...snapshots, current];
}

function showSnapshotConfig(call: Call): Record<string, unknown> {
  const snapshot = getSnapshot(vmOf(call), text(call, "snapname"));
  return { ...snapshot.config, snaptime: snapshot.takenAtSeconds };
}

type SnapshotWork = (call: Call, vm: Vm, name: string, log: (line: string) => void) => void | Promise<void>;

function snapshotTask(type: string, work: SnapshotWork): Endpoint {
  return (call) => {
    const vm = vmOf(call);
    const name = text(call, "snapname");
    if (name === "current") throw failure("unable to use snapshot name 'current' (reserved name)");
    return startVmTask(call, vm, { type, work: ({ log }) => work(call, vm, name, log) });
  };
}

export const qemuSnapshotEndpoints: EndpointTable = {
  "GET /nodes/{node}/qemu/{vmid}/snapshot": listSnapshots,
  "POST /nodes/{node}/qemu/{vmid}/snapshot": snapshotTask("qmsnapshot", (call, vm, name, log) =>
    takeSnapshot(call.cluster, vm, { name, description: optionalText(call, "description"), log }),
  ),
  "GET /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config": showSnapshotConfig,
  "DELETE /nodes/{node}/qemu/{vmid}/snapshot/{snapname}": snapshotTask("qmdelsnapshot", (_, vm, name) =>
    removeSnapshot(vm, name),
  ),
  "POST /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback": snapshotTask(
    "qmrollback",
    (call, vm, name) => rollBack(call.cluster, vm, name, flag(call, "start")),
  ),
};
