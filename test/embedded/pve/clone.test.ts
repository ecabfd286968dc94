import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTask, waitForTask } from "./api-client.ts";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({
    storages: [
      { name: "local", style: "dir", content: ["iso", "snippets"], shared: false, totalBytes: 1e12 },
      { name: "local-lvm", style: "lvmthin", content: ["images"], shared: false, totalBytes: 1e12 },
      { name: "files", style: "dir", content: ["images"], shared: false, totalBytes: 1e12 },
      { name: "san", style: "lvmthin", content: ["images"], shared: true, totalBytes: 1e12 },
    ],
    templates: [
      { vmid: 9000, name: "golden", node: "pve1", storage: "local-lvm" },
      {
        vmid: 9001,
        name: "golden-files",
        node: "pve1",
        storage: "files",
        rootDiskSlot: "scsi0",
        rootDiskSizeGiB: 2,
      },
      { vmid: 9002, name: "golden-san", node: "pve1", storage: "san" },
    ],
  });
});
afterAll(() => lab.pve.stop());

function cloneOf(source: number, params: Readonly<Record<string, string | number>>) {
  return lab.admin("POST", `/nodes/pve1/qemu/${source}/clone`, { params });
}

describe("cloning", () => {
  test("a full clone has disks, MAC address and identity of its own", async () => {
    const template = await lab.config(9000);
    await lab.clone(101, { name: "web-1", description: "first\n" });
    const copy = await lab.config(101);
    expect(copy).toMatchObject({
      name: "web-1",
      description: "first",
      virtio0: "local-lvm:vm-101-disk-0,discard=on,iothread=1,size=4G",
      ide2: "local-lvm:vm-101-cloudinit,media=cdrom,size=4M",
      meta: template["meta"],
    });
    expect(copy).not.toHaveProperty("template");
    for (const key of ["net0", "smbios1", "vmgenid", "digest"]) expect(copy[key]).not.toBe(template[key]);
  });

  test("a clone without a name says whose copy it is", async () => {
    await lab.clone(102);
    expect((await lab.config(102))["name"]).toBe("Copy-of-VM-golden");
  });

  test("a linked clone on a directory names its base, one on LVM-thin does not", async () => {
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9001/clone", { newid: 103, full: 0 });
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9000/clone", { newid: 104, full: 0 });
    expect((await lab.config(103))["scsi0"]).toContain(
      "files:9001/base-9001-disk-0.qcow2/103/vm-103-disk-0.qcow2,",
    );
    expect((await lab.config(104))["virtio0"]).toContain("local-lvm:vm-104-disk-0,");
  });

  test("a template is linked unless a full copy is asked for, a machine is always copied in full", async () => {
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9001/clone", { newid: 105 });
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/105/clone", { newid: 106 });
    expect((await lab.config(105))["scsi0"]).toContain("base-9001-disk-0");
    expect((await lab.config(106))["scsi0"]).toContain("files:106/vm-106-disk-0.qcow2,");
  });

  test("a full clone goes to another storage in that one's format", async () => {
    await lab.clone(107, { storage: "files" });
    await lab.clone(108, { storage: "files", format: "qcow2" });
    expect((await lab.config(107))["virtio0"]).toContain("files:107/vm-107-disk-0.raw,");
    expect((await lab.config(108))["virtio0"]).toContain("files:108/vm-108-disk-0.qcow2,");
  });

  test("only disks on shared storage can be cloned to another node", async () => {
    const local = await cloneOf(9000, { newid: 109, full: 1, target: "pve2" });
    const shared = await cloneOf(9002, { newid: 109, full: 1, target: "pve2" });
    expect(local.reason).toBe("can't clone VM to node 'pve2' (VM uses local storage)");
    expect(await waitForTask(lab.admin, shared.data)).toBe("OK");
    expect((await lab.admin("GET", "/nodes/pve2/qemu/109/config")).status).toBe(200);
  });

  test.each([
    [9000, { newid: 9000 }, 500, "unable to create VM 9000: config file already exists"],
    [8888, { newid: 300 }, 500, "unable to find configuration file for VM 8888 on node 'pve1'"],
    [9000, { newid: 300, target: "pve9" }, 500, "no such cluster node 'pve9'"],
    [9000, { newid: 300, pool: "none" }, 403, "Permission check failed (pool 'none' does not exist)"],
    [
      9000,
      { newid: 300, full: 0, storage: "files" },
      500,
      "parameter 'storage' not allowed for linked clones",
    ],
    [9000, { newid: 300, full: 1, storage: "none" }, 500, "storage 'none' does not exist"],
    [
      101,
      { newid: 300, full: 0 },
      500,
      "Linked clone feature is not supported for 'local-lvm:vm-101-disk-0' (virtio0)",
    ],
  ])("cloning %d with %o is refused at once, and leaves nothing", async (source, params, status, reason) => {
    expect(await cloneOf(source, params)).toMatchObject({ status, reason });
    expect(lab.pve.cluster.vms.has(300)).toBe(false);
  });

  test("a clone of a storage's files is refused with the parameter's name", async () => {
    const answer = await cloneOf(9000, { newid: 300, full: 1, storage: "local" });
    expect(answer.body).toMatchObject({ errors: { storage: "storage 'local' does not support vm images" } });
  });

  test("while it runs, the copy shows a stub that is locked against everything", async () => {
    const { tasks, delays } = lab.pve.cluster;
    Object.assign(delays, { taskMsByType: { qmclone: 300 } });
    const { data: upid } = await cloneOf(9000, { newid: 110, full: 1, name: "slow" });
    const stub = await lab.config(110);
    const status = await lab.admin("GET", "/nodes/pve1/qemu/110/status/current");
    const change = await lab.set(110, { cores: 2 });
    const start = await runTask(lab.admin, "POST", "/nodes/pve1/qemu/110/status/start");
    const again = await cloneOf(9000, { newid: 110 });
    expect(tasks.get(String(upid))?.exitStatus).toBeUndefined();
    expect(stub).toEqual({
      lock: "clone",
      description: " qmclone temporary file",
      digest: expect.any(String),
    });
    expect(status.data).toMatchObject({ lock: "clone", name: "VM 110", maxdisk: 0 });
    expect(change).toMatchObject({ status: 500, reason: "VM is locked (clone)" });
    expect(start).toBe("VM is locked (clone)");
    expect(again.reason).toBe("unable to create VM 110: config file already exists");
    expect(await waitForTask(lab.admin, upid)).toBe("OK");
    expect(await lab.config(110)).toMatchObject({ name: "slow" });
    expect(await lab.config(110)).not.toHaveProperty("lock");
    Object.assign(delays, { taskMsByType: {} });
  });

  test("a clone whose source lost a disk fails in the task and leaves nothing", async () => {
    await lab.clone(111);
    lab.pve.cluster.volumes.delete("pve1 local-lvm:vm-111-disk-0");
    const exit = await runTask(lab.admin, "POST", "/nodes/pve1/qemu/111/clone", { newid: 112 });
    const left = [...lab.pve.cluster.volumes.values()].filter(({ vmid }) => vmid === 112);
    expect(exit).toBe("clone failed: volume 'local-lvm:vm-111-disk-0' does not exist");
    expect([lab.pve.cluster.vms.has(112), left]).toEqual([false, []]);
  });

  test("many clones of one template at once get different disks", async () => {
    const vmids = Array.from({ length: 20 }, (_, index) => 400 + index);
    await Promise.all(vmids.map((vmid) => lab.clone(vmid)));
    const disks = await Promise.all(vmids.map(async (vmid) => (await lab.config(vmid))["virtio0"]));
    expect(new Set(disks).size).toBe(vmids.length);
  });
});

describe("destroying", () => {
  test("a template whose disks linked clones read stays", async () => {
    const exit = await runTask(lab.admin, "DELETE", "/nodes/pve1/qemu/9001");
    expect(exit).toBe("base volume 'files:9001/base-9001-disk-0.qcow2' is still in use by linked cloned");
    expect((await lab.config(9001))["template"]).toBe(1);
  });

  test("a running machine stays", async () => {
    await lab.clone(120);
    await lab.start(120);
    const answer = await lab.admin("DELETE", "/nodes/pve1/qemu/120");
    expect(answer).toMatchObject({ status: 500, reason: "VM 120 is running - destroy failed" });
  });

  test("with it go its disks, its place in a pool, and on request disks that no configuration names", async () => {
    await lab.admin("POST", "/pools", { params: { poolid: "team" } });
    await lab.clone(121, { pool: "team" });
    await lab.set(121, { scsi1: "local-lvm:1" });
    delete lab.pve.cluster.vms.get(121)?.config["scsi1"];
    const params = { purge: 1, "destroy-unreferenced-disks": 1 };
    const { data: upid } = await lab.admin("DELETE", "/nodes/pve1/qemu/121/", { params });
    expect(await waitForTask(lab.admin, upid)).toBe("OK");
    const { data: pool } = await lab.admin("GET", "/pools", { params: { poolid: "team" } });
    expect(pool).toEqual([{ poolid: "team", members: [] }]);
    expect([...lab.pve.cluster.volumes.values()].filter(({ vmid }) => vmid === 121)).toEqual([]);
    expect((await lab.admin("GET", "/nodes/pve1/qemu/121/status/current")).reason).toContain(
      "does not exist",
    );
  });
});

describe("templates", () => {
  test("a template's disks get base names, and it neither starts nor becomes a template again", async () => {
    await lab.clone(130);
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu/130/template")).toBe("OK");
    expect((await lab.config(130))["virtio0"]).toContain("local-lvm:base-130-disk-0,");
    const again = await lab.admin("POST", "/nodes/pve1/qemu/130/template");
    expect(again.reason).toBe("you can't convert a template to a template");
    const start = await runTask(lab.admin, "POST", "/nodes/pve1/qemu/130/status/start");
    expect(start).toBe("you can't start a vm if it's a template");
  });
});
