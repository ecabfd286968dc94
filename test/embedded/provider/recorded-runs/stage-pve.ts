import { removeAcl } from "../../../../embedded/pve/access/access-state.ts";
import { cloudInitValues } from "../../../../embedded/pve/config/cloud-init.ts";
import { drivesOf, parseSize } from "../../../../embedded/pve/config/drives.ts";
import { type PveOptions, type RunningPve, startPve } from "../../../../embedded/pve/start-pve.ts";
import type { Cluster } from "../../../../embedded/pve/state/cluster.ts";
import type { PveStorage } from "../../../../embedded/pve/state/storage.ts";
import { createVm } from "../../../../embedded/pve/state/vm.ts";
import { storageNameOf, storeVolume } from "../../../../embedded/pve/state/volume.ts";
import { goldenConfig } from "./golden-config.ts";
import { validTokenId, validTokenSecret } from "./provider-environment.ts";
import type { Recording, StagedServer, StagedVm } from "./recording.ts";
import { type StagedGuests, stageGuests } from "./stage-guests.ts";

const node = "pve";
const memoryBytes = 25_276_510_208;
const diskBytes = 270_553_174_016;

/** The token of whoever acts beside a step. */
export const outsiderId = "root@pam!outside";

/** The recorded server's storages: directories, of the size of its disk. */
const storages: readonly PveStorage[] = [
  {
    name: "local",
    style: "dir",
    content: ["iso", "vztmpl", "backup", "snippets", "import"],
    shared: false,
    totalBytes: diskBytes,
  },
  {
    name: "local-lvm",
    style: "dir",
    content: ["images", "rootdir"],
    shared: false,
    totalBytes: diskBytes,
  },
];

/** An embedded Proxmox VE in the situation that a step began in. */
export interface StagedPve {
  readonly pve: RunningPve;
  readonly guests: StagedGuests;
}

/** Starts the Proxmox VE of a step. */
export async function stagePve(recording: Recording): Promise<StagedPve> {
  const { server = {}, timeScale = 0.005 } = recording;
  const guests = stageGuests(server);
  const pve = await startPve({
    nodes: [{ name: node, cpus: 2, memoryBytes, bridges: new Set(["vmbr0"]) }],
    storages,
    templates: [],
    tokens: [...stagedToken(server), { id: outsiderId }],
    users: [{ id: "terraform@pve", password: server.token === "wrong" ? "another" : "***" }],
    guests: guests.port,
    delays: delays(server, timeScale),
  });
  shareRights(pve.cluster, server.token === undefined ? [outsiderId, validTokenId] : [outsiderId]);
  fill(pve.cluster, server);
  return { pve, guests };
}

function stagedToken({ token }: StagedServer): NonNullable<PveOptions["tokens"]> {
  const id = validTokenId;
  if (token === "wrong") return [{ id, secret: "11111111-0000-4000-8000-000000000000" }];
  const secret = validTokenSecret;
  if (token === "without rights") return [{ id, secret, role: "NoAccess" }];
  return [{ id, secret, ...(token === undefined ? {} : { role: token }) }];
}

/** The recorded tokens had all rights of their users, and no line in the access list. */
function shareRights({ access }: Cluster, ids: readonly string[]): void {
  for (const id of ids) {
    const token = access.tokens.get(id);
    if (token !== undefined) access.tokens.set(id, { ...token, separated: false });
    removeAcl(access, ({ subject }) => subject === id);
  }
}

// Times are scaled as the provider's are; a task shows itself as running at its first poll, as it did there.
function delays(
  { taskMs = {}, heldLocks }: StagedServer,
  timeScale: number,
): NonNullable<PveOptions["delays"]> {
  const scaled = Object.entries(taskMs).map(([type, ms]) => [type, ms * timeScale]);
  return {
    taskMs: 15,
    taskMsByType: Object.fromEntries(scaled),
    silentAgentMs: 3000 * timeScale,
    wrongTokenMs: 3000 * timeScale,
    rebootGapMs: 2000 * timeScale,
    lockTimeoutMs: heldLocks === undefined ? 10_000 : 10_000 * timeScale,
    statusRoundMs: 0,
    // The recorded server had no HA manager.
    haRoundMs: 3_600_000,
  };
}

function fill(
  cluster: Cluster,
  { template, vms = {}, pools = [], files = {}, heldLocks = [] }: StagedServer,
): void {
  if (template !== false) addVm(cluster, 9000, { config: goldenConfig });
  for (const [vmid, vm] of Object.entries(vms)) addVm(cluster, Number(vmid), vm);
  for (const vmid of heldLocks) holdLock(cluster, vmid);
  for (const [volid, { sizeBytes, virtualSizeBytes }] of Object.entries(files)) {
    addVolume(cluster, volid, undefined, sizeBytes, virtualSizeBytes);
  }
  for (const { poolid, comment, vmids } of pools) {
    cluster.pools.set(poolid, { poolid, comment, vmids: new Set(vmids), storages: new Set() });
  }
}

function addVm(cluster: Cluster, vmid: number, { config, status, startedWith }: StagedVm): void {
  const vm = createVm(cluster, vmid, node, { ...config });
  vm.cloudInit = cloudInitValues(config);
  for (const [, { file, size }] of drivesOf(config)) {
    addVolume(cluster, file, vmid, parseSize(size ?? "4M"));
  }
  if (status === undefined) return;
  vm.process = {
    pid: cluster.clock.nextPid(),
    startedAtMs: cluster.clock.nowMs(),
    config: { ...(startedWith ?? config) },
    paused: status === "paused",
  };
  if (startedWith === undefined) return;
  vm.config = { ...startedWith };
  for (const [key, value] of Object.entries(config)) {
    if (startedWith[key] !== value) vm.pending[key] = value;
  }
}

function holdLock(cluster: Cluster, vmid: number): void {
  const vm = cluster.vms.get(vmid);
  if (vm !== undefined) vm.lockTail = new Promise(() => undefined);
}

function addVolume(
  cluster: Cluster,
  volid: string,
  vmid: number | undefined,
  sizeBytes: number,
  virtualSizeBytes = sizeBytes,
): void {
  const storage = cluster.storages.get(storageNameOf(volid));
  if (storage === undefined) return;
  const content = vmid === undefined ? volid.slice(volid.indexOf(":") + 1, volid.indexOf("/")) : "images";
  const format = content === "snippets" ? "snippet" : volid.slice(volid.lastIndexOf(".") + 1);
  const createdAtSeconds = cluster.clock.nowSeconds();
  const parent = /^[^:]+:(\d+\/base-[^/]+)\//.exec(volid)?.[1];
  storeVolume(cluster, storage, node, {
    volid,
    storage: storage.name,
    node,
    content,
    format,
    vmid,
    sizeBytes,
    virtualSizeBytes,
    createdAtSeconds,
    parent: parent === undefined ? undefined : `${storage.name}:${parent}`,
  });
}
