import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toPlain } from "../../../embedded/pve/journal/plain-value.ts";
import { copyRecord } from "../../../embedded/pve/journal/record-copy.ts";
import { keptSections } from "../../../embedded/pve/journal/state-sections.ts";
import type { PveOptions } from "../../../embedded/pve/start-pve.ts";
import type { Cluster } from "../../../embedded/pve/state/cluster.ts";
import { runTask } from "./api-client.ts";
import { countFaults, setFaults } from "./fault-client.ts";
import { adminToken, guestsThat, type Lab, startLab } from "./lab.ts";

let folder: string;
let stateFile: string;
let labs: Lab[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nixherd-state-"));
  stateFile = join(folder, "cluster.jsonl");
  labs = [];
});
afterEach(async () => {
  for (const { pve } of labs) await pve.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: PveOptions = {}): Promise<Lab> {
  const lab = await startLab({ stateFile, ...options });
  labs.push(lab);
  return lab;
}

/** A server that finds what another one's file holds at this moment, as if that one had been killed. */
function startFromCopy(options: PveOptions = {}): Promise<Lab> {
  const copy = join(folder, `copy-${labs.length}.jsonl`);
  copyFileSync(stateFile, copy);
  return start({ ...options, stateFile: copy });
}

/** Everything that is kept of a cluster, as JSON has it. */
function stateOf(cluster: Cluster): unknown {
  return JSON.parse(
    JSON.stringify(
      Object.fromEntries(keptSections(cluster).map(([name, value]) => [name, toPlain(copyRecord(value))])),
    ),
  );
}

/** Brings a cluster into a state with something of every kind in it. */
async function live({ admin, clone, start: boot, set }: Lab): Promise<void> {
  await admin("POST", "/pools", { params: { poolid: "stage", comment: "ümläut \u2028" } });
  await clone(101, { name: "web", pool: "stage" });
  await clone(102);
  await boot(101);
  await set(101, { memory: 2048, delete: "ide2" });
  await set(102, { scsi1: "local-lvm:1", tags: "b;a" });
  await set(102, { delete: "scsi1" });
  await runTask(admin, "POST", "/nodes/pve1/qemu/102/snapshot", { snapname: "before" });
  await admin("POST", "/access/users", { params: { userid: "kim@pve", password: "a-password" } });
  await clone(103);
  await runTask(admin, "DELETE", "/nodes/pve1/qemu/103");
}

test("a server that is gone is followed by one with the same cluster, address, certificate and tokens", async () => {
  const first = await start();
  await live(first);
  const before = stateOf(first.pve.cluster);
  await first.pve.stop();
  const second = await start();
  expect(stateOf(second.pve.cluster)).toEqual(before);
  expect(second.pve).toMatchObject({
    endpoint: first.pve.endpoint,
    caPem: first.pve.caPem,
    tokens: first.pve.tokens,
  });
  // The first server's connections are gone, which their client may only learn by using one.
  const ask = () => first.admin("GET", "/nodes/pve1/qemu/101/status/current").catch(String);
  await expect.poll(ask).toMatchObject({ data: { status: "running", name: "web" } });
  expect(await second.config(101)).toMatchObject({ memory: "2048" });
  expect(await second.config(101, true)).toMatchObject({ memory: "1024" });
});

test("what was answered is in the file when the answer arrives", async () => {
  const first = await start({ delays: { taskMs: 0 } });
  for (let index = 0; index < 5; index += 1) {
    await first.clone(101 + index);
    await first.set(101 + index, { description: `after ${index}` });
    const second = await startFromCopy();
    expect(stateOf(second.pve.cluster)).toEqual(stateOf(first.pve.cluster));
  }
});

test("what is made again under its old name stands behind the others, as it did", async () => {
  const { admin, pve } = await start();
  const { pools } = pve.cluster;
  for (const poolid of ["one", "two"]) await admin("POST", "/pools", { params: { poolid } });
  const again = structuredClone(pools.get("one"));
  pools.delete("one");
  if (again !== undefined) pools.set("one", again);
  await admin("POST", "/pools", { params: { poolid: "three" } });
  const second = await startFromCopy();
  expect([...second.pve.cluster.pools.keys()]).toEqual(["two", "one", "three"]);
});

test("a task that ran is ended without a result, and the machine that it locked stays locked", async () => {
  const first = await start();
  await first.clone(102);
  await setFaults(first.pve, [{ fault: "task-duration", ms: 60_000 }]);
  const clone = await first.admin("POST", "/nodes/pve1/qemu/9000/clone", { params: { newid: 101, full: 1 } });
  const second = await startFromCopy();
  const status = `/nodes/pve1/tasks/${encodeURIComponent(String(clone.data))}/status`;
  expect((await second.admin("GET", status)).data).toMatchObject({
    status: "stopped",
    exitstatus: "unable to read tail (got 0 bytes)",
  });
  expect(await second.admin("PUT", "/nodes/pve1/qemu/101/config", { params: { cores: 2 } })).toMatchObject({
    status: 500,
    reason: "VM is locked (clone)",
  });
  await setFaults(second.pve, []);
  expect(await runTask(second.admin, "POST", "/nodes/pve1/qemu/102/status/start")).toBe("OK");
});

test("a task that had said something ends with an unexpected status", async () => {
  const shutdown = Promise.withResolvers<boolean>();
  const first = await start({ guests: guestsThat({ shutdown: () => shutdown.promise }) });
  await first.clone(101);
  await first.start(101);
  const { data } = await first.admin("POST", "/nodes/pve1/qemu/101/status/shutdown");
  const log = `/nodes/pve1/tasks/${encodeURIComponent(String(data))}`;
  const lines = async () => (await first.admin("GET", `${log}/log`)).data;
  await expect.poll(lines).toMatchObject([{ t: expect.stringContaining("Guest Agent is not running") }]);
  const second = await startFromCopy();
  expect((await second.admin("GET", `${log}/status`)).data).toMatchObject({
    exitstatus: "unexpected status",
  });
  shutdown.resolve(true);
});

test("machines that ran are booted again; one that does not boot is stopped, with a task that says why", async () => {
  const first = await start();
  for (const vmid of [101, 102, 103]) await first.clone(vmid);
  await first.start(101);
  await first.start(102);
  const booted: number[] = [];
  const boot = ({ vmid }: { vmid: number }) => {
    booted.push(vmid);
    return vmid === 102 ? Promise.reject(new Error("no room")) : Promise.resolve();
  };
  const second = await startFromCopy({ guests: guestsThat({ boot }) });
  expect(booted.sort()).toEqual([101, 102]);
  const statusOf = async (vmid: number) =>
    (await second.admin("GET", `/nodes/pve1/qemu/${vmid}/status/current`)).data;
  expect(await statusOf(101)).toMatchObject({ status: "running" });
  expect(await statusOf(102)).toMatchObject({ status: "stopped" });
  const failed = async () => (await second.admin("GET", "/nodes/pve1/tasks", { params: { errors: 1 } })).data;
  await expect.poll(failed).toMatchObject([{ type: "qmstart", id: "102", status: "no room" }]);
});

test("faults go on where they were", async () => {
  const first = await start();
  await setFaults(first.pve, [
    { fault: "status", status: 596, call: "GET /version", count: 3, probability: 0.5 },
    { fault: "node-down", node: "pve2" },
  ]);
  const ask = async ({ admin }: Lab) => (await admin("GET", "/version")).status;
  for (let call = 0; call < 4; call += 1) await ask(first);
  await first.admin("POST", "/pools", { params: { poolid: "stage" } });
  const second = await startFromCopy();
  expect(await countFaults(second.pve)).toEqual(await countFaults(first.pve));
  for (let call = 0; call < 8; call += 1) expect(await ask(second)).toBe(await ask(first));
  expect(await second.admin("GET", "/nodes/pve2/qemu")).toMatchObject({ status: 595 });
});

test("what happens without a call is written too", async () => {
  const first = await start();
  await first.clone(101);
  const written = () => readFileSync(stateFile, "utf8").includes('"name":"renamed"');
  const vm = first.pve.cluster.vms.get(101);
  if (vm !== undefined) vm.config["name"] = "renamed";
  expect(written()).toBe(false);
  await expect.poll(written, { timeout: 10_000 }).toBe(true);
});

test("the file stays small however much is changed, and is its owner's alone", async () => {
  const first = await start();
  await first.clone(101);
  const largest: number[] = [];
  for (let index = 0; index < 700; index += 1) {
    await first.set(101, { description: String(index).padEnd(8000, "x") });
    largest.push(statSync(stateFile).size);
  }
  expect(Math.max(...largest)).toBeGreaterThan(4_000_000);
  expect(Math.max(...largest)).toBeLessThan(4.1 * 1024 ** 2);
  expect(largest.at(-1)).toBeLessThan(2.5 * 1024 ** 2);
  expect(statSync(stateFile).mode & 0o777).toBe(0o600);
  const second = await startFromCopy();
  expect(stateOf(second.pve.cluster)).toEqual(stateOf(first.pve.cluster));
});

describe("a file that is not as it was written", () => {
  const refusal = (message: RegExp) =>
    expect.objectContaining({
      code: "EMBEDDED_STATE_UNREADABLE",
      message: expect.stringMatching(message),
      hint: expect.stringContaining("embedded down"),
    });

  test("loses a last line that was cut off, and nothing else", async () => {
    const first = await start();
    await first.clone(101);
    const before = stateOf(first.pve.cluster);
    await first.pve.stop();
    writeFileSync(stateFile, `${readFileSync(stateFile, "utf8")}[["vms",101,{"vmid":`);
    const second = await start();
    expect(stateOf(second.pve.cluster)).toEqual(before);
  });

  test.each([
    ["damaged within", (text: string) => text.replace('["vms"', '["vms'), /damaged at line \d+/],
    ["of another kind", () => "{}\n", /is no such state/],
    ["empty", () => "", /is damaged at line 1/],
    [
      "of a later version",
      (text: string) => text.replace('"version":1', '"version":2'),
      /version 2; this one reads 1/,
    ],
  ])("is refused when it is %s", async (_, change, message) => {
    const first = await start();
    await first.pve.stop();
    writeFileSync(stateFile, change(readFileSync(stateFile, "utf8")));
    await expect(startLab({ stateFile })).rejects.toEqual(refusal(message));
  });
});

test("a port that is taken is refused when it was asked for, else another one is taken", async () => {
  const first = await start();
  const port = Number(new URL(first.pve.endpoint).port);
  const second = await startFromCopy();
  expect(second.pve.endpoint).not.toBe(first.pve.endpoint);
  expect(second.pve.tokens[adminToken]).toBe(first.pve.tokens[adminToken]);
  await expect(startLab({ port })).rejects.toMatchObject({
    code: "EMBEDDED_PORT_TAKEN",
    message: expect.stringContaining(`127.0.0.1:${port} (EADDRINUSE)`),
  });
});
