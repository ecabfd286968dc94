import { runStatusRound } from "../../../../embedded/pve/reports/status-rounds.ts";
import { type RunningPve, startPve } from "../../../../embedded/pve/start-pve.ts";
import type { Delays } from "../../../../embedded/pve/state/cluster.ts";
import type { PveStorage } from "../../../../embedded/pve/state/storage.ts";
import type { Vm } from "../../../../embedded/pve/state/vm.ts";
import { storeVolume } from "../../../../embedded/pve/state/volume.ts";
import { type ApiClient, createClient, runTask, waitForTask } from "../api-client.ts";
import type { Exchange } from "./recording.ts";
import { createScriptedGuests, type ScriptedGuests } from "./scripted-guest.ts";

/** The server that the recording is replayed on, and what stands around it. */
export interface Stage {
  readonly pve: RunningPve;
  readonly guests: ScriptedGuests;
  /** The server's waiting times, to be changed between exchanges. */
  readonly delays: { -readonly [key in keyof Delays]: Delays[key] };
  /** The token that made most of the recorded requests. */
  readonly admin: ApiClient;
  /** Recorded UPID to the one that our server gave out. */
  readonly upids: Map<string, string>;
  /** Secret of the token that the recording creates for a restricted user. */
  limitedToken: string | undefined;
}

const gibibyte = 1024 ** 3;

/** The recording's storages were directories of that size. */
const storages: readonly PveStorage[] = [
  {
    name: "local",
    style: "dir",
    content: ["iso", "vztmpl", "backup", "snippets", "import"],
    shared: false,
    totalBytes: 252 * gibibyte,
  },
  {
    name: "local-lvm",
    style: "dir",
    content: ["images", "rootdir"],
    shared: false,
    totalBytes: 252 * gibibyte,
  },
];

/** Starts a server with the recording's node, storages and accounts, and without machines. */
export async function openStage(): Promise<Stage> {
  const guests = createScriptedGuests();
  const pve = await startPve({
    nodes: [{ name: "pve", cpus: 2, address: "192.0.2.2", nameserver: "10.255.255.53" }],
    storages,
    templates: [],
    tokens: [{ id: "terraform@pve!provider" }, { id: "root@pam!root" }],
    users: [{ id: "terraform@pve", password: "provider1" }],
    guests: guests.port,
    delays: { taskMs: 200, rebootGapMs: 2000, statusRoundMs: 3_600_000, haRoundMs: 3_600_000 },
  });
  const admin = createClient(pve, pve.tokens["terraform@pve!provider"]);
  const { delays } = pve.cluster;
  return { pve, guests, delays, admin, upids: new Map(), limitedToken: undefined };
}

function addFile(
  { pve }: Stage,
  volid: string,
  content: string,
  sizeBytes: number,
  virtualSizeBytes = sizeBytes,
): void {
  const { cluster } = pve;
  const storage = cluster.storages.get("local");
  if (storage === undefined) throw new Error("the stage has no storage 'local'");
  const format = volid.slice(volid.lastIndexOf(".") + 1);
  const createdAtSeconds = cluster.clock.nowSeconds();
  const place = { storage: "local", node: "pve", vmid: undefined, parent: undefined };
  storeVolume(cluster, storage, "pve", {
    ...place,
    volid,
    content,
    format,
    sizeBytes,
    createdAtSeconds,
    virtualSizeBytes,
  });
}

/** The agent of a VM says what the recorded guest's agent said. */
function giveAgent({ guests }: Stage, vmid: number, exchanges: readonly Exchange[]): void {
  const answers = new Map<string, unknown>();
  for (const { path, status, body } of exchanges) {
    const [, command] = new RegExp(`/qemu/${vmid}/agent/([a-z-]+)$`).exec(path) ?? [];
    if (command === undefined || status !== 200) continue;
    const { data } = body as { data: { result?: unknown } };
    answers.set(command, data.result ?? data);
  }
  guests.agents.set(vmid, answers);
}

async function destroyAll({ pve, admin }: Stage, vmids: Iterable<number>): Promise<void> {
  for (const vmid of vmids) {
    if (!pve.cluster.vms.has(vmid)) continue;
    await runTask(admin, "POST", `/nodes/pve/qemu/${vmid}/status/stop`);
    await runTask(admin, "DELETE", `/nodes/pve/qemu/${vmid}`);
  }
}

/** Waits until a VM is as the recording found it. */
async function until({ pve }: Stage, vmid: number, isReady: (vm: Vm) => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (let vm = pve.cluster.vms.get(vmid); vm === undefined || !isReady(vm); vm = pve.cluster.vms.get(vmid)) {
    if (Date.now() > deadline) throw new Error(`VM ${vmid} did not become what the recording shows`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

type Direction = (stage: Stage, exchanges: readonly Exchange[]) => void | Promise<void>;

const statusRound: Direction = ({ pve }) => runStatusRound(pve.cluster);

/** Tasks of these types end before their first poll, as they happened to do in the recording. */
function endAtOnce(...types: readonly string[]): Direction {
  return ({ delays }) => {
    delays.taskMsByType = Object.fromEntries(types.map((type) => [type, 0]));
  };
}

const takeTime = endAtOnce();

/** What happened outside the recorded requests, by the exchange that it came before. */
export const directions: Readonly<Record<string, Direction>> = {
  "141-start-already-running": endAtOnce("qmstart"),
  "145-config-put-running-pending": takeTime,
  // Lists of the whole cluster still show this at 194, after the VM was stopped.
  "171-stop": statusRound,
  "179-snapshot-create": endAtOnce("qmsnapshot"),
  "184-snapshot-rollback": endAtOnce("qmdelsnapshot"),
  "192-fw-options": takeTime,
  "301-storage-local-content": (stage) =>
    addFile(stage, "local:import/golden.qcow2", "import", 461_766_656, 1_887_436_800),
  "319-clone-golden-start": (stage, exchanges) => {
    giveAgent(stage, 201, exchanges);
    stage.guests.obedient.add(201);
  },
  "412-resize-running": (stage) => until(stage, 201, (vm) => vm.process !== undefined),
  // The pool shows the VM like this at 447, after its shutdown.
  "421-pending-running2": statusRound,
  "433-delete-disk-to-unused": endAtOnce("qmconfig"),
  "438-delete-unused": takeTime,
  "470-clone-concurrent-222": ({ delays }) => {
    delays.taskMsByType = { qmclone: 1000 };
  },
  "478-clone-concurrent-status-running": async (stage, exchanges) => {
    const clone = exchanges.find(({ name }) => name === "471-clone-concurrent-221");
    const answer = clone?.body as { data: string } | undefined;
    await waitForTask(stage.admin, stage.upids.get(answer?.data ?? ""));
  },
  "481-delete-221": takeTime,
  "489-pool-delete": async ({ admin }) => {
    await admin("PUT", "/pools", { params: { poolid: "prod", vms: 201, delete: 1 } });
  },
  "701-bpg-clone": async (stage, exchanges) => {
    await stage.admin("POST", "/pools", { params: { poolid: "tfpool" } });
    runStatusRound(stage.pve.cluster);
    giveAgent(stage, 301, exchanges);
    stage.guests.obedient.add(301);
  },
  "734-bpg-delete-protected-running": async ({ admin }) => {
    await admin("PUT", "/nodes/pve/qemu/301/config", { params: { protection: 1 } });
  },
  "740-bpg-delete": async ({ admin }) => {
    await admin("PUT", "/nodes/pve/qemu/301/config", { params: { protection: 0 } });
  },
  "805-ci-change-running": async ({ admin }) => {
    await runTask(admin, "POST", "/nodes/pve/qemu/302/status/start");
  },
  "809-content-iso": (stage) => addFile(stage, "local:iso/test.iso", "iso", 1_048_576),
  // The recorded host could not keep the job that 859 asked for.
  "860-backup-list": ({ pve }) => {
    pve.cluster.datacenter.sections.backupJobs.length = 0;
  },
  "901-err-name-a_b": async ({ admin }) => {
    await runTask(admin, "POST", "/nodes/pve/qemu/9001/clone", { newid: 401, full: 1 });
  },
  "501-token-create": async (stage) => {
    await destroyAll(stage, [250, 251]);
    await stage.admin("POST", "/access/users", { params: { userid: "limited@pve" } });
  },
  "981-cluster-resources-fresh-vm": async (stage) => {
    const { vms, lastSeen } = stage.pve.cluster;
    await destroyAll(
      stage,
      [...vms.keys()].filter((vmid) => vmid < 9000),
    );
    lastSeen.clear();
    const params = { vmid: 601, net0: "virtio,bridge=nobr", ide2: "local-lvm:cloudinit" };
    await runTask(stage.admin, "POST", "/nodes/pve/qemu", params);
  },
};
