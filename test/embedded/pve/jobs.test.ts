import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PveStorage } from "../../../embedded/pve/state/storage.ts";
import { runTask } from "./api-client.ts";
import { adminToken, type Lab, startLab } from "./lab.ts";
import { callsOfAdmin, emptySections, errorsOf } from "./settings-calls.ts";

let lab: Lab;

const disk = (name: string, style: PveStorage["style"], shared = false): PveStorage => {
  return { name, style, content: ["images"], shared, totalBytes: 1e12 };
};

const files: PveStorage = {
  name: "local",
  style: "dir",
  content: ["iso", "backup"],
  shared: false,
  totalBytes: 1e12,
};

const auditor = "reader@pve!all";

beforeAll(async () => {
  lab = await startLab({
    storages: [
      files,
      disk("local-lvm", "lvmthin"),
      disk("local-zfs", "zfspool"),
      disk("san", "lvmthin", true),
    ],
    tokens: [{ id: adminToken }, { id: auditor, role: "PVEAuditor" }],
  });
  await lab.clone(101, { storage: "local-zfs" });
  await lab.clone(102);
  await lab.clone(103, { storage: "san" });
});

afterAll(() => lab.pve.stop());

beforeEach(() => emptySections(lab));

const { get, post, put } = callsOfAdmin(() => lab);

describe("backup jobs", () => {
  const jobs = "/cluster/backup";
  const job = { id: "nightly", schedule: "02:30", storage: "local", vmid: "101,102", mode: "snapshot" };

  test("what is kept as text is shown in its parts", async () => {
    await post(jobs, { ...job, "prune-backups": "keep-last=3", fleecing: "1,storage=local" });
    expect(await get(`${jobs}/nightly`)).toEqual({
      ...job,
      type: "vzdump",
      enabled: 1,
      "prune-backups": { "keep-last": "3" },
      fleecing: { enabled: 1, storage: "local" },
    });
  });

  test("one without a name gets one, and lists show all in the order of their making", async () => {
    await post(jobs, job);
    await post(jobs, { schedule: "sat 03:00", all: 1 });
    const ids = ((await get(jobs)) as unknown as { id: string }[]).map(({ id }) => id);
    expect(ids).toEqual(["nightly", expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });

  test("machines are named, or all but some; the newest choice drops the others", async () => {
    await post(jobs, job);
    await put(`${jobs}/nightly`, { exclude: "103" });
    expect(await get(`${jobs}/nightly`)).toMatchObject({ all: 1, exclude: "103" });
    await put(`${jobs}/nightly`, { vmid: "101" });
    const after = await get(`${jobs}/nightly`);
    expect(after).toMatchObject({ vmid: "101" });
    expect(Object.keys(after)).not.toEqual(expect.arrayContaining(["all"]));
  });

  test("a time with days becomes a schedule", async () => {
    await post(jobs, { id: "old", starttime: "04:00", dow: "sat,sun", all: 1 });
    expect(await get(`${jobs}/old`)).toMatchObject({ schedule: "sat,sun 04:00" });
  });

  test.each([
    [{ id: "job", all: 1 }, { schedule: "neither 'starttime' nor 'schedule' were set" }],
    [
      { id: "job", all: 1, schedule: "whenever" },
      { schedule: expect.stringContaining("invalid calendar event 'whenever'") },
    ],
    [{ id: "job", all: 1, schedule: "1:00", script: "/x" }, { script: "Only root may set this option." }],
  ])("%o is refused", async (params, errors) => {
    const answer = await post(jobs, params);
    expect([answer.status, errorsOf(answer)]).toEqual([400, errors]);
  });

  test("what goes wrong with the file is told as text", async () => {
    await post(jobs, job);
    const twice = await post(jobs, job);
    const empty = await post(jobs, { id: "none", schedule: "1:00" });
    const both = await post(jobs, { ...job, id: "both", all: 1 });
    const option = await put(`${jobs}/nightly`, { delete: "enabled" });
    const missing = await lab.admin("DELETE", `${jobs}/other`);
    const failed = "400 Parameter verification failed.";
    expect([twice, empty, both, option, missing].map(({ reason }) => reason)).toEqual([
      "Job 'nightly' already exists",
      `${failed} vmid: property is missing`,
      `${failed} all: option conflicts with option 'vmid'`,
      `${failed} delete: unknown option 'enabled'`,
      `${failed} id: No such job 'other'`,
    ]);
    const read = await lab.admin("GET", `${jobs}/other`);
    expect([read.status, errorsOf(read)]).toEqual([400, { id: "No such job 'other'" }]);
  });

  test("it says which disks it would save", async () => {
    await post(jobs, job);
    const { children } = await get(`${jobs}/nightly/included_volumes`);
    expect(children).toMatchObject([
      { id: 101, type: "qemu", children: [{ id: "101:virtio0", included: 1, reason: "default" }] },
      { id: 102 },
    ]);
  });

  test("a purged machine leaves it, and the last one takes it along", async () => {
    await lab.clone(150);
    await post(jobs, { ...job, vmid: "101,150" });
    await post(jobs, { ...job, id: "single", vmid: "150" });
    await runTask(lab.admin, "DELETE", "/nodes/pve1/qemu/150", { purge: 1 });
    expect(await get(jobs)).toMatchObject([{ id: "nightly", vmid: "101" }]);
  });
});

describe("replication", () => {
  const jobs = "/cluster/replication";
  const job = { id: "101-0", target: "pve2", type: "local" };

  test("a job knows its machine and its source", async () => {
    await post(jobs, { ...job, comment: "copy", rate: 10.5 });
    const shown = { ...job, guest: 101, jobnum: 0, source: "pve1", comment: "copy", rate: 10.5 };
    expect(await get(jobs)).toEqual([shown]);
    expect(await get(`${jobs}/101-0`)).toEqual({ ...shown, digest: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(await get("/nodes/pve1/replication")).toMatchObject([{ id: "101-0", fail_count: 0 }]);
    expect(await get("/nodes/pve2/replication")).toEqual([]);
  });

  test.each([
    [{ ...job, id: "999-0" }, "Guest '999' does not exist."],
    [{ ...job, target: "pve9" }, "Target 'pve9' does not exist."],
    [{ ...job, target: "pve1" }, "Source and target must not be identical"],
    [{ ...job, source: "pve2" }, "Source 'pve2' does not match current node of guest '101' (pve1)"],
    [{ ...job, id: "102-0" }, "missing replicate feature on volume 'local-lvm:vm-102-disk-0'"],
    [{ ...job, id: "103-0" }, "No replicatable volumes found"],
  ])("%o is refused", async (params, reason) => {
    expect((await post(jobs, params)).reason).toBe(reason);
  });

  test("there is one job per machine and target", async () => {
    await post(jobs, job);
    const twin = await post(jobs, { ...job, id: "101-1" });
    expect(twin.reason).toBe("replication job for guest '101' to target 'local/pve2' already exists");
  });

  test("a deleted job goes after its last run, or at once by force", async () => {
    await post(jobs, job);
    expect((await lab.admin("DELETE", `${jobs}/101-0`)).status).toBe(200);
    await expect.poll(() => get("/nodes/pve1/replication")).toEqual([]);
    expect(await get(jobs)).toEqual([]);
    await post(jobs, job);
    await lab.admin("DELETE", `${jobs}/101-0`, { params: { force: 1 } });
    expect(await get(jobs)).toEqual([]);
    expect((await lab.admin("DELETE", `${jobs}/101-0`)).reason).toBe("no such job '101-0'");
  });

  test("the target is fixed, the rest is changed", async () => {
    await post(jobs, job);
    const moved = await put(`${jobs}/101-0`, { target: "pve1" });
    expect(moved.status).toBe(400);
    await put(`${jobs}/101-0`, { disable: 1, schedule: "*/30" });
    const required = await put(`${jobs}/101-0`, { delete: "target" });
    expect(required.reason).toBe("unable to delete required option 'target'");
    expect(await get(`${jobs}/101-0`)).toMatchObject({ disable: 1, schedule: "*/30" });
  });

  test("a replicated machine is destroyed with purge only, and its jobs need rights on it", async () => {
    await post(jobs, job);
    const kept = await lab.admin("DELETE", "/nodes/pve1/qemu/101");
    expect(kept.reason).toContain("There is a replication job '101-0' for guest '101'");
    const denied = await lab.as(auditor)("PUT", `${jobs}/101-0`, { params: { disable: 1 } });
    expect(denied.reason).toBe("Permission check failed (/vms/101, VM.Replicate)");
  });
});
