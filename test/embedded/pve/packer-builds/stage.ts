import { randomUUID } from "node:crypto";
import { drivesOf, isCdrom, parseSize } from "../../../../embedded/pve/config/drives.ts";
import { runStatusRound } from "../../../../embedded/pve/reports/status-rounds.ts";
import { type RunningPve, startPve } from "../../../../embedded/pve/start-pve.ts";
import { createFileInspector } from "../../../../embedded/pve/state/file-content.ts";
import type { PveStorage } from "../../../../embedded/pve/state/storage.ts";
import { createVm } from "../../../../embedded/pve/state/vm.ts";
import { storageNameOf, storeVolume } from "../../../../embedded/pve/state/volume.ts";
import { type ApiClient, createClient, runTask } from "../api-client.ts";
import { type AgentScript, createAgentScript } from "./agent-script.ts";
import { type HeldClock, holdClock } from "./held-clock.ts";
import { type MachineConfig, recordedCluster, type Step, type StepHead } from "./recording.ts";

/** The server that one step is replayed on, as the real one was before that step. */
export interface Stage {
  readonly pve: RunningPve;
  readonly clock: HeldClock;
  readonly script: AgentScript;
  /** Headers that show who calls, by caller. */
  readonly headersOf: Map<string, Readonly<Record<string, string>>>;
  /** Recorded UPID to the one that our server gave out. */
  readonly upids: Map<string, string>;
}

/** Times on the held clock, each of its own, so that a test can let one pass and not the others. */
export const taskMs = 1;
const copyMs = 2;
export const rebootGapMs = 2000;

const gibibyte = 1024 ** 3;

const managerToken = "stage@pve!manager";
const rootToken = "root@pam!gt";

/** Passwords of the stage's users; no real one had it. */
export const stagePassword = "stage-password";

/** The recorded storages were directories. */
const storages: readonly PveStorage[] = [
  { name: "local", content: ["iso", "vztmpl", "backup", "snippets", "import"] },
  { name: "local-lvm", content: ["images", "rootdir"] },
].map((storage) => ({ ...storage, style: "dir", shared: false, totalBytes: 252 * gibibyte }) as const);

/** The installer image of the recording had this many bytes; here they are all zero. */
export const installerBytes = Buffer.alloc(13_805_568);

const installerContent = (() => {
  const inspector = createFileInspector();
  inspector.add(installerBytes);
  return inspector.result();
})();

/** Digest that stands where the recording had the real image's. */
export const installerSha256 = installerContent.digests["sha256"] ?? "";

async function createRoles(admin: ApiClient): Promise<void> {
  for (const [roleid, privileges] of Object.entries(recordedCluster.roles))
    await admin("POST", "/access/roles", { params: { roleid, privs: privileges.join(" ") } });
}

/** Makes a user with the recorded roles, and its token where the recording had one. */
async function createCaller(stage: Stage, admin: ApiClient, id: string, wrongSecret: boolean): Promise<void> {
  const [userid = "", tokenid] = id.split("!");
  const roles = recordedCluster.callers[id] ?? [];
  if (roles.length > 0)
    await admin("POST", "/access/users", {
      params: { userid, password: wrongSecret ? "another-password" : stagePassword },
    });
  for (const role of roles)
    await admin("PUT", "/access/acl", { params: { path: "/", users: userid, roles: role } });
  let secret: string = randomUUID();
  if (tokenid !== undefined && roles.length > 0) {
    const { data } = await admin("POST", `/access/users/${userid}/token/${tokenid}`, {
      params: { privsep: 0 },
    });
    if (!wrongSecret) secret = (data as { value: string }).value;
  }
  stage.headersOf.set(id, { authorization: `PVEAPIToken=${id}=${secret}` });
}

function putMachine({ pve }: Stage, vmid: number, config: MachineConfig): void {
  const { cluster } = pve;
  createVm(cluster, vmid, "pve", { ...config });
  for (const [, drive] of drivesOf(config)) {
    const storage = cluster.storages.get(storageNameOf(drive.file));
    if (storage === undefined || drive.file.includes(":iso/")) continue;
    const [, parent] = /^(.+\/base-[^/]+)\/\d+\/[^/]+$/.exec(drive.file) ?? [];
    storeVolume(cluster, storage, "pve", {
      volid: drive.file,
      storage: storage.name,
      node: "pve",
      content: "images",
      format: "qcow2",
      vmid,
      sizeBytes: parseSize(drive["size"] ?? (isCdrom(drive) ? "4M" : "0")),
      createdAtSeconds: cluster.clock.nowSeconds(),
      parent,
    });
  }
}

function putFile({ pve }: Stage, volid: string): void {
  const { cluster } = pve;
  const storage = cluster.storages.get(storageNameOf(volid));
  if (storage === undefined) throw new Error(`no storage for ${volid}`);
  storeVolume(cluster, storage, "pve", {
    volid,
    storage: storage.name,
    node: "pve",
    content: "iso",
    format: "iso",
    vmid: undefined,
    sizeBytes: installerContent.sizeBytes,
    digests: installerContent.digests,
    createdAtSeconds: cluster.clock.nowSeconds(),
    parent: undefined,
  });
}

/** A server without machines, on whose clock no time passes. */
async function openEmptyStage(): Promise<Stage> {
  const script = createAgentScript();
  const pve = await startPve({
    nodes: [{ name: "pve", cpus: 2, nameserver: "10.99.0.1" }],
    storages,
    templates: [],
    tokens: [{ id: managerToken }, { id: rootToken }],
    guests: script.port,
    delays: { taskMs, copyMs, rebootGapMs, statusRoundMs: 3_600_000 },
  });
  const headersOf = new Map([[rootToken, { authorization: `PVEAPIToken=${pve.tokens[rootToken]}` }]]);
  return { pve, clock: holdClock(pve.cluster.clock), script, headersOf, upids: new Map() };
}

async function createCallers(stage: Stage, admin: ApiClient, { head, lines }: Step): Promise<void> {
  const named = lines.flatMap((line) => ("caller" in line ? (line.caller ?? []) : []));
  const callers = new Set([head.caller, ...named]);
  callers.delete(rootToken);
  await createRoles(admin);
  for (const caller of callers) await createCaller(stage, admin, caller, head.wrongSecret === true);
  for (const path of head.aclPaths ?? [])
    await admin("PUT", "/access/acl", { params: { path, users: "stage@pve", roles: "PVEAuditor" } });
}

async function putScene(
  stage: Stage,
  admin: ApiClient,
  { machines, files, running }: StepHead,
): Promise<void> {
  for (const [vmid, config] of Object.entries(machines))
    putMachine(stage, Number(vmid), config === "as always" ? (recordedCluster.machines[vmid] ?? {}) : config);
  for (const file of files ?? []) putFile(stage, file);
  for (const vmid of running ?? [])
    await passUntil(stage, runTask(admin, "POST", `/nodes/pve/qemu/${vmid}/status/start`));
}

/** The status daemon has seen what it had seen then. */
function rememberRounds({ pve }: Stage, { unseen, seen }: StepHead): void {
  const { lastSeen } = pve.cluster;
  runStatusRound(pve.cluster);
  for (const vmid of unseen ?? []) lastSeen.delete(vmid);
  for (const [vmid, row] of Object.entries(seen ?? {})) lastSeen.set(Number(vmid), row);
}

/** Starts a server that is as the recorded one was before a step. Time stands still on it. */
export async function openStage(step: Step): Promise<Stage> {
  const stage = await openEmptyStage();
  const admin = managerOf(stage);
  await createCallers(stage, admin, step);
  await putScene(stage, admin, step.head);
  rememberRounds(stage, step.head);
  return stage;
}

/** Talks as an Administrator whom the recording does not know. */
export function managerOf({ pve }: Stage): ApiClient {
  return createClient(pve, pve.tokens[managerToken]);
}

/** Lets the server's own time pass, but not the time that it gives to guests, until something is done. */
export async function passUntil<T>({ clock }: Stage, done: Promise<T>): Promise<T> {
  const timer = setInterval(() => {
    clock.pass(taskMs);
    clock.pass(copyMs);
  }, 1);
  try {
    return await done;
  } finally {
    clearInterval(timer);
  }
}
