import { expect } from "vitest";
import { drivesOf } from "../../../../embedded/pve/config/drives.ts";
import type { Cluster } from "../../../../embedded/pve/state/cluster.ts";
import type { Vm, VmConfig } from "../../../../embedded/pve/state/vm.ts";
import { findVolume, type Volume } from "../../../../embedded/pve/state/volume.ts";

/** Volumes that a configuration names, one for each key. */
function namesIn(config: Readonly<VmConfig>): string[] {
  const drives = drivesOf(config).map(([, drive]) => drive.file);
  const unused = Object.keys(config).filter((key) => key.startsWith("unused"));
  return [...drives, ...unused.map((key) => String(config[key]))].filter((file) => file.includes(":"));
}

/** A waiting change of a drive names the volume that the drive has now again. */
function currentNames({ config, pending }: Vm): string[] {
  const now = namesIn(config);
  const waiting = namesIn(pending).filter((volid) => !now.includes(volid));
  return [...now, ...waiting];
}

/** A rollback leaves the volumes of drives that were added after the snapshot, as on a real cluster. */
function hasReason(cluster: Cluster, { vmid }: Volume): boolean {
  return wasRolledBack(cluster, vmid);
}

/** A cloud-init drive that is replaced goes for good, even if a snapshot names it, as on a real cluster. */
function isFreedCloudInit(cluster: Cluster, { vmid }: Vm, volid: string): boolean {
  return volid.includes("-cloudinit") && wasRolledBack(cluster, vmid);
}

function wasRolledBack({ tasks }: Cluster, vmid: number | undefined): boolean {
  return [...tasks.values()].some(({ type, id }) => type === "qmrollback" && id === String(vmid));
}

function isOwned(cluster: Cluster, volume: Volume): boolean {
  const vm = cluster.vms.get(volume.vmid ?? 0);
  if (vm === undefined) return false;
  const snapshots = [...vm.snapshots.values()].flatMap(({ config }) => namesIn(config));
  return [...currentNames(vm), ...snapshots].includes(volume.volid);
}

function checkVolumes(cluster: Cluster): void {
  const keys = [...cluster.vms.values()].flatMap((vm) =>
    currentNames(vm).map((volid) => {
      const volume = findVolume(cluster, vm.node, volid);
      return `${volume?.node ?? "any node"} ${volid}`;
    }),
  );
  expect(
    keys.filter((key, index) => keys.indexOf(key) !== index),
    "volumes that are named twice",
  ).toEqual([]);
  for (const vm of cluster.vms.values())
    for (const volid of currentNames(vm).filter((one) => !isFreedCloudInit(cluster, vm, one)))
      expect(findVolume(cluster, vm.node, volid), `${volid} of ${vm.vmid}`).toBeDefined();
  const orphans = [...cluster.volumes.values()].filter(
    (volume) => !isOwned(cluster, volume) && !hasReason(cluster, volume),
  );
  expect(orphans, "volumes that nobody owns").toEqual([]);
}

function checkParents(cluster: Cluster): void {
  const bases = new Set([...cluster.volumes.values()].map(({ volid }) => volid));
  for (const { parent, volid } of cluster.volumes.values())
    if (parent !== undefined) expect(bases, `base of ${volid}`).toContain(parent);
}

/** A machine keeps its lock only if what locked it was cut off. */
function checkLocks(cluster: Cluster, cutOff: ReadonlySet<number>): void {
  for (const { vmid, config } of cluster.vms.values())
    if (!cutOff.has(vmid)) expect(config["lock"], `lock of ${vmid}`).toBeUndefined();
}

function checkTemplates(cluster: Cluster): void {
  for (const { config, process, vmid } of cluster.vms.values())
    if (config["template"] === 1) expect(process, `template ${vmid} runs`).toBeUndefined();
}

function checkTasks(cluster: Cluster): void {
  expect(cluster.tasks.size).toBeLessThanOrEqual(5000);
  for (const { exitStatus, log, upid, endTimeSeconds } of cluster.tasks.values()) {
    expect(exitStatus, upid).toBeDefined();
    expect(endTimeSeconds, upid).toBeDefined();
    expect(log.length, upid).toBeLessThanOrEqual(5001);
  }
}

/** What must hold after anything has happened, once all tasks are over. */
export function checkInvariants(cluster: Cluster, cutOff: ReadonlySet<number>): void {
  for (const [vmid, vm] of cluster.vms) expect(vm.vmid).toBe(vmid);
  checkVolumes(cluster);
  checkParents(cluster);
  checkLocks(cluster, cutOff);
  checkTemplates(cluster);
  checkTasks(cluster);
  for (const vmid of cluster.lastSeen.keys()) expect(cluster.vms.has(vmid), `report of ${vmid}`).toBe(true);
  for (const { vmids } of cluster.pools.values())
    for (const vmid of vmids) expect(cluster.vms.has(vmid), `pool member ${vmid}`).toBe(true);
}
