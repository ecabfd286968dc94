import { ApiError, inContext } from "../../api/api-error.ts";
import { noData } from "../../api/expect-data.ts";
import { findPoolOf } from "../../api/pools.ts";
import { createVmApi, type VmConfig } from "../../api/vm-api.ts";
import type { Operation } from "../../legacy/legacy-resource.ts";
import type { ResourceData } from "../../legacy/resource-data.ts";
import { readNetworkDevices } from "./network-devices.ts";
import { readBlocks } from "./read-blocks.ts";
import { readCloudInit } from "./read-cloud-init.ts";
import { readDisks } from "./read-disks.ts";
import { readEfiDisk } from "./read-efi-disk.ts";
import { readGuestNetwork } from "./read-guest-network.ts";
import { readValues } from "./read-values.ts";
import type { VmOperation } from "./vm-operation.ts";

/** Reads a VM back into the state. */
export const readVm: Operation = (data, session, warn) =>
  readVmState({ data, session, warn, deadline: session.lifetime });

/**
 * Finds the VM's node, reads configuration, status and pool. A VM that the cluster's list does not show is gone from
 * the state, although it may only be invisible to the token.
 * Public source of the order of calls: bpg/proxmox 0.111.1, vmRead.
 */
export async function readVmState(operation: VmOperation): Promise<void> {
  const { data, session, deadline } = operation;
  const vmid = Number(data.id);
  const node = await findNode(operation, vmid);
  if (node === undefined) {
    data.id = "";
    return;
  }
  data.set("node_name", node);
  const vm = createVmApi(session.api, node, vmid);
  const config = await readConfig(() => vm.config(deadline));
  if (config === undefined) {
    data.id = "";
    return;
  }
  const { status } = await vm.status(deadline);
  if (!data.now.flag("template")) data.set("started", status === "running");
  readValues(data, config);
  readBlocks(data, config);
  await readDisks(operation, node, config);
  await readEfiDisk(operation, node, config);
  readCloudInit(data, config, vmid);
  readNetwork(data, config);
  const pool = await inContext(`failed to determine pool for VM ${vmid}`, () =>
    findPoolOf(session.api, `qemu/${vmid}`, deadline),
  );
  data.set("pool_id", pool);
  await readGuestNetwork(operation, vm, config);
  data.set("vm_id", vmid);
  setMissingDefaults(data);
}

async function findNode({ session, deadline }: VmOperation, vmid: number): Promise<string | undefined> {
  const list = await inContext('failed to get resources list of type ("vm") for cluster', () =>
    session.api.request("GET", "cluster/resources", deadline, { type: "vm" }),
  );
  if (!Array.isArray(list)) throw new Error(noData);
  const found = (list as readonly { vmid?: number; node?: string }[]).find((entry) => entry.vmid === vmid);
  return found?.node;
}

async function readConfig(read: () => Promise<VmConfig>): Promise<VmConfig | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}

function readNetwork(data: ResourceData, config: VmConfig): void {
  const devices = readNetworkDevices(config);
  data.set("network_device", devices);
  data.set(
    "mac_addresses",
    devices.map((device) => device["mac_address"] ?? ""),
  );
}

/** What the server does not know and an import therefore has to fill in. */
const localDefaults = {
  migrate: false,
  timeout_clone: 1800,
  timeout_create: 1800,
  timeout_migrate: 1800,
  timeout_reboot: 1800,
  timeout_shutdown_vm: 1800,
  timeout_start_vm: 1800,
  timeout_stop_vm: 300,
  timeout_move_disk: 1800,
  stop_on_destroy: false,
  purge_on_destroy: true,
  delete_unreferenced_disks_on_destroy: true,
  reboot_after_update: true,
  reboot: false,
} as const;

function setMissingDefaults(data: ResourceData): void {
  for (const [key, value] of Object.entries(localDefaults)) {
    if (!data.isSet(key)) data.set(key, value);
  }
}
