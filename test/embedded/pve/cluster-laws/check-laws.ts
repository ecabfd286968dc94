import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import { toPlain } from "../../../../embedded/pve/journal/plain-value.ts";
import { copyRecord } from "../../../../embedded/pve/journal/record-copy.ts";
import { keptSections } from "../../../../embedded/pve/journal/state-sections.ts";
import type { Cluster } from "../../../../embedded/pve/state/cluster.ts";
import { setFaults } from "../fault-client.ts";
import { guestsThat, type Lab, startLab } from "../lab.ts";
import { checkInvariants } from "./invariants.ts";
import { type Call, reattach, type Step, steps } from "./steps.ts";

const gibibyte = 1024 ** 3;
const deadlineMs = 20_000;

/** A cluster that things happen to. */
interface Subject {
  readonly folder: string;
  lab: Lab;
  restarts: number;
  /** Machines that may stay locked. */
  readonly cutOff: Set<number>;
}

function startServer(stateFile: string): Promise<Lab> {
  const images = ["images", "rootdir"];
  return startLab({
    stateFile,
    delays: { taskMs: 0, lockTimeoutMs: 2000 },
    guests: guestsThat({ agent: () => Promise.resolve({}) }),
    storages: [
      { name: "local-lvm", style: "lvmthin", content: images, shared: false, totalBytes: 1024 * gibibyte },
      { name: "shared", style: "dir", content: images, shared: true, totalBytes: 1024 * gibibyte },
    ],
  });
}

async function send({ lab }: Subject, { method, path, params, node }: Call): Promise<void> {
  const vmid = Number(path.split("/")[1]);
  const vm = lab.pve.cluster.vms.get(vmid);
  const on = node ?? vm?.node ?? "pve1";
  const unused = vm?.config["unused0"] ?? "none";
  const sent = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, value === reattach ? unused : value]),
  );
  try {
    const { reason } = await lab.admin(method, `/nodes/${on}/qemu${path}`, { params: sent });
    expect(reason).not.toContain("embedded server fault");
  } catch (error) {
    // A fault that was asked for.
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
  }
}

/**
 * Waits until nothing runs any more, answers that were lost included. A reboot starts its machine a moment after its task
 * is over, so all must be quiet twice.
 */
async function settle({ tasks, vms }: Cluster): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (let quiet = 0; quiet < 2; ) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.all([...vms.values()].map(({ lockTail }) => lockTail));
    const isBusy = [...tasks.values()].some(({ exitStatus }) => exitStatus === undefined);
    quiet = isBusy ? 0 : quiet + 1;
    if (performance.now() > deadline) throw new Error(`tasks still run after ${deadlineMs} ms`);
  }
}

function stateOf(cluster: Cluster): Record<string, unknown> {
  const kept = keptSections(cluster).map(([name, value]) => [name, toPlain(copyRecord(value))]);
  return JSON.parse(JSON.stringify(Object.fromEntries(kept)));
}

/** Goes on with what the file holds at this moment: a killed process leaves no more. */
async function kill(subject: Subject): Promise<void> {
  const { folder, lab } = subject;
  const { cluster } = lab.pve;
  for (const { vmid, config } of cluster.vms.values())
    if (config["lock"] !== undefined) subject.cutOff.add(vmid);
  // What nobody has been told yet may be forgotten: somebody asks.
  await send(subject, { method: "GET", path: "", params: {}, node: undefined });
  const stateFile = join(folder, `state-${subject.restarts}.jsonl`);
  copyFileSync(
    join(folder, subject.restarts === 0 ? "state.jsonl" : `state-${subject.restarts - 1}.jsonl`),
    stateFile,
  );
  const before = stateOf(cluster);
  await lab.pve.stop();
  subject.restarts += 1;
  subject.lab = await startServer(stateFile);
  expect(stateOf(subject.lab.pve.cluster)).toEqual(before);
}

async function take(subject: Subject, step: Step): Promise<void> {
  if (step.kind === "faults") await setFaults(subject.lab.pve, step.rules, step.seed);
  else if (step.kind === "kill") await kill(subject);
  else await Promise.all(step.calls.map((call) => send(subject, call)));
  await settle(subject.lab.pve.cluster);
  checkInvariants(subject.lab.pve.cluster, subject.cutOff);
}

interface LawOptions {
  readonly numRuns: number;
  /** No run begins after this many milliseconds: busy computers make fewer runs, not a longer test. */
  readonly interruptAfterTimeLimit: number;
  /** @default another one each time */
  readonly seed?: number;
}

/** Lets random things happen to as many clusters; a failure tells its seed, its path and the shortest story of it. */
export async function checkLaws(options: LawOptions): Promise<void> {
  const property = fc.asyncProperty(steps, async (story) => {
    const folder = mkdtempSync(join(tmpdir(), "nixherd-laws-"));
    const lab = await startServer(join(folder, "state.jsonl"));
    const subject: Subject = { folder, lab, restarts: 0, cutOff: new Set() };
    try {
      for (const step of story) await take(subject, step);
    } finally {
      await subject.lab.pve.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
  await fc.assert(property, options);
}
