import { requirePrivileges } from "../access/permissions.ts";
import { imageStorage } from "../config/allocate-drive.ts";
import { checkBridges } from "../config/config-privileges.ts";
import { drivesOf } from "../config/drives.ts";
import { failure } from "../http/api-error.ts";
import {
  beginClone,
  type CloneRequest,
  checkLinkable,
  fillClone,
  isCopied,
  reserveClone,
} from "../machine/clone-vm.ts";
import { discardVm } from "../machine/destroy-vm.ts";
import { getSnapshot } from "../machine/vm-snapshots.ts";
import { startTask } from "../state/task.ts";
import { checkLock, findVm, isTemplate, type Vm } from "../state/vm.ts";
import { storageNameOf } from "../state/volume.ts";
import { checkNodeExists, checkPoolExists } from "./check-existing.ts";
import { type Call, type EndpointTable, flag, integer, optionalText, text } from "./endpoint.ts";

function sourceOf(call: Call): Vm {
  const vmid = integer(call, "vmid");
  const node = text(call, "node");
  const source = findVm(call.cluster, node, vmid);
  if (source === undefined)
    throw failure(`unable to find configuration file for VM ${vmid} on node '${node}'`);
  return source;
}

function configOf(source: Vm, snapshotName: string | undefined): CloneRequest["config"] {
  return { ...(snapshotName === undefined ? source.config : getSnapshot(source, snapshotName).config) };
}

function checkFull(call: Call, isFull: boolean): void {
  for (const name of ["storage", "format"]) {
    if (!isFull && call.parameters[name] !== undefined) {
      throw failure(`parameter '${name}' not allowed for linked clones`);
    }
  }
}

/** Copies to another node only work when every disk is on a shared storage. */
function checkTarget(call: Call, request: CloneRequest): void {
  if (request.node === request.source.node) return;
  for (const [, drive] of drivesOf(request.config)) {
    if (!isCopied(drive)) continue;
    const storage = request.storage ?? imageStorage(call.cluster, storageNameOf(drive.file));
    if (!storage.shared) throw failure(`can't clone VM to node '${request.node}' (VM uses local storage)`);
  }
}

function checkSpace(call: Call, request: CloneRequest): void {
  for (const [, drive] of drivesOf(request.config)) {
    if (!isCopied(drive)) continue;
    const storage = request.storage?.name ?? storageNameOf(drive.file);
    requirePrivileges(call.cluster, call.caller, `/storage/${storage}`, ["Datastore.AllocateSpace"]);
  }
}

/** Checks in the real server's order, then describes the copy. */
function readRequest(call: Call): CloneRequest {
  const { cluster } = call;
  const target = optionalText(call, "target");
  if (target !== undefined) checkNodeExists(call, target);
  checkPoolExists(call);
  const storageName = optionalText(call, "storage");
  const storage = storageName === undefined ? undefined : imageStorage(cluster, storageName);
  const source = sourceOf(call);
  checkLock(source);
  const isFull = call.parameters["full"] === undefined ? !isTemplate(source) : flag(call, "full");
  checkFull(call, isFull);
  const request = {
    source,
    newId: integer(call, "newid"),
    isFull,
    name: optionalText(call, "name"),
    description: optionalText(call, "description"),
    storage,
    format: optionalText(call, "format"),
    config: configOf(source, optionalText(call, "snapname")),
    node: target ?? source.node,
  };
  checkSpace(call, request);
  checkBridges(cluster, call.caller, request.config);
  checkTarget(call, request);
  if (cluster.vms.has(request.newId)) {
    throw failure(`unable to create VM ${request.newId}: config file already exists`);
  }
  if (!isFull) checkLinkable(request.config);
  return request;
}

function clone(call: Call): string {
  const { cluster, caller } = call;
  const request = readRequest(call);
  const vm = reserveClone(cluster, request);
  const pool = optionalText(call, "pool");
  const { source } = request;
  const undo = () => discardVm(cluster, vm);
  const task = { node: source.node, type: "qmclone", id: String(source.vmid), caller, undo };
  return startTask(cluster, task, async ({ log, signal }) => {
    beginClone(vm, request);
    await cluster.clock.sleep(cluster.delays.copyMs, signal);
    await cluster.guests.clone?.(source.vmid, vm.vmid);
    fillClone(cluster, vm, request, log);
    if (pool !== undefined) cluster.pools.get(pool)?.vmids.add(vm.vmid);
  });
}

export const qemuCloneEndpoints: EndpointTable = { "POST /nodes/{node}/qemu/{vmid}/clone": clone };
