import { type ApiError, failure } from "../http/api-error.ts";
import type { Cluster } from "./cluster.ts";

/** Configuration as `GET .../config` shows it, without digest: text, or numbers where the schema says so. */
export type VmConfig = Record<string, string | number>;

/** A kept configuration. */
export interface Snapshot {
  readonly name: string;
  readonly description: string | undefined;
  readonly parent: string | undefined;
  readonly takenAtSeconds: number;
  readonly config: VmConfig;
}

/** A running VM's process. */
export interface VmProcess {
  readonly pid: number;
  readonly startedAtMs: number;
  /** The configuration it was started with. */
  readonly config: Readonly<VmConfig>;
  paused: boolean;
}

/** One virtual machine. */
export interface Vm {
  readonly vmid: number;
  node: string;
  config: VmConfig;
  /** Changes that wait for the next start. */
  pending: VmConfig;
  /** Keys whose removal waits; the value says whether their disks are destroyed. */
  readonly pendingDelete: Map<string, boolean>;
  /** Cloud-init values that the drive was last written with; undefined before the first time. */
  cloudInit: VmConfig | undefined;
  readonly snapshots: Map<string, Snapshot>;
  /** Snapshot that the current configuration continues. */
  parentSnapshot: string | undefined;
  process: VmProcess | undefined;
  /** Tail of the queue of operations that hold the VM's lock file. */
  lockTail: Promise<unknown>;
}

/** Puts a stopped VM on a node. */
export function createVm(cluster: Cluster, vmid: number, node: string, config: VmConfig): Vm {
  const vm: Vm = {
    vmid,
    node,
    config,
    pending: {},
    pendingDelete: new Map(),
    cloudInit: undefined,
    snapshots: new Map(),
    parentSnapshot: undefined,
    process: undefined,
    lockTail: Promise.resolve(),
  };
  cluster.vms.set(vmid, vm);
  return vm;
}

/** A VM if it is on that node. */
export function findVm(cluster: Cluster, node: string, vmid: number): Vm | undefined {
  const vm = cluster.vms.get(vmid);
  return vm?.node === node ? vm : undefined;
}

function noConfigFile(node: string, vmid: number): ApiError {
  return failure(`Configuration file 'nodes/${node}/qemu-server/${vmid}.conf' does not exist`);
}

/** @throws ApiError 500 when the node has no such VM. */
export function getVm(cluster: Cluster, node: string, vmid: number): Vm {
  const vm = findVm(cluster, node, vmid);
  if (vm === undefined) throw noConfigFile(node, vmid);
  return vm;
}

/** @throws ApiError 500 when the VM was destroyed in the meantime. */
export function requireVm(cluster: Cluster, vm: Vm): void {
  if (cluster.vms.get(vm.vmid) !== vm) throw noConfigFile(vm.node, vm.vmid);
}

/** @throws ApiError 500 while a backup, clone, migration or snapshot holds the VM. */
export function checkLock(vm: Vm): void {
  const lock = vm.config["lock"];
  if (lock !== undefined) throw failure(`VM is locked (${lock})`);
}

/** Templates are cloned, never started. */
export function isTemplate(vm: Vm): boolean {
  return vm.config["template"] === 1;
}

/** A VM without a name is shown by its id. */
export function nameOf(vm: Vm): string {
  return String(vm.config["name"] ?? `VM ${vm.vmid}`);
}
