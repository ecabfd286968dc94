import { afterEach, describe, expect, test } from "vitest";
import { runStatusRound } from "../../../embedded/pve/reports/status-rounds.ts";
import type { PveOptions } from "../../../embedded/pve/start-pve.ts";
import { createImage } from "../../../embedded/pve/state/volume.ts";
import { runTask, waitForTask } from "./api-client.ts";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;

async function open(options: PveOptions = {}): Promise<void> {
  lab = await startLab(options);
}

afterEach(() => lab.pve.stop());

async function resource(vmid: number): Promise<Record<string, unknown> | undefined> {
  const { data } = await lab.admin("GET", "/cluster/resources", { params: { type: "vm" } });
  return (data as Record<string, unknown>[]).find((entry) => entry["vmid"] === vmid);
}

describe("lists of the whole cluster", () => {
  test("a fresh machine has neither name nor status until the status daemon's next round", async () => {
    await open({ delays: { statusRoundMs: 3_600_000 } });
    await lab.clone(101, { name: "web-1" });
    const identity = { id: "qemu/101", type: "qemu", node: "pve1", vmid: 101, tags: "nixos;template" };
    expect(await resource(101)).toEqual({ ...identity, status: "unknown" });
    runStatusRound(lab.pve.cluster);
    expect(await resource(101)).toMatchObject({ ...identity, name: "web-1", status: "stopped", template: 0 });
  });

  test("a machine shows the name of a destroyed one with its id until the next round", async () => {
    await open({ delays: { statusRoundMs: 3_600_000 } });
    await lab.clone(101, { name: "old" });
    runStatusRound(lab.pve.cluster);
    await runTask(lab.admin, "DELETE", "/nodes/pve1/qemu/101");
    expect(await resource(101)).toBeUndefined();
    await lab.clone(101, { name: "new" });
    expect((await resource(101))?.["name"]).toBe("old");
    runStatusRound(lab.pve.cluster);
    expect((await resource(101))?.["name"]).toBe("new");
  });

  test("a round forgets destroyed machines", async () => {
    await open({ delays: { statusRoundMs: 3_600_000 } });
    await lab.clone(101);
    runStatusRound(lab.pve.cluster);
    await runTask(lab.admin, "DELETE", "/nodes/pve1/qemu/101");
    runStatusRound(lab.pve.cluster);
    await lab.clone(101);
    expect((await resource(101))?.["status"]).toBe("unknown");
  });

  test("rounds come by themselves", async () => {
    await open({ delays: { statusRoundMs: 20 } });
    await lab.clone(101, { name: "web-1" });
    await expect.poll(async () => (await resource(101))?.["name"], { timeout: 5000 }).toBe("web-1");
  });

  test.each(["vm", "storage", "node", "sdn"])("can be asked for %s alone", async (type) => {
    await open();
    await lab.clone(101);
    const types: Record<string, string> = { vm: "qemu", storage: "storage", node: "node", sdn: "network" };
    const { data } = await lab.admin("GET", "/cluster/resources", { params: { type } });
    expect(new Set((data as { type: string }[]).map((entry) => entry.type))).toEqual(new Set([types[type]]));
  });
});

describe("free ids", () => {
  test("the lowest from 100 on is offered, a taken one is refused by name", async () => {
    await open();
    await lab.clone(100);
    const next = await lab.admin("GET", "/cluster/nextid");
    const taken = await lab.admin("GET", "/cluster/nextid", { params: { vmid: 100 } });
    const free = await lab.admin("GET", "/cluster/nextid", { params: { vmid: 4711 } });
    expect([next.data, free.data]).toEqual(["101", "4711"]);
    expect(taken).toMatchObject({ status: 400, body: { errors: { vmid: "VM 100 already exists" } } });
  });
});

describe("migration", () => {
  test("a machine takes its local disks, unused ones too, to the other node", async () => {
    await open();
    await lab.clone(101);
    await lab.set(101, { scsi1: "local-lvm:1" });
    await lab.set(101, { delete: "scsi1" });
    const params = { target: "pve2", "with-local-disks": 1 };
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu/101/migrate", params)).toBe("OK");
    const moved = await lab.admin("GET", "/nodes/pve2/qemu/101/config");
    const volumes = async (node: string) => {
      const { data } = await lab.admin("GET", `/nodes/${node}/storage/local-lvm/content`, {
        params: { vmid: 101 },
      });
      return (data as { volid: string }[]).map(({ volid }) => volid).sort();
    };
    const { virtio0, ide2, unused0 } = moved.data as Record<string, string>;
    const named = [virtio0, ide2, unused0].map((text) => text?.split(",")[0]).sort();
    expect(await volumes("pve2")).toEqual(named);
    expect(await volumes("pve1")).toEqual([]);
    expect((await lab.admin("GET", "/nodes/pve1/qemu/101/config")).status).toBe(500);
  });

  test("a running machine goes only online, and its guest does not notice", async () => {
    await open();
    await lab.clone(101);
    await lab.start(101);
    const migrate = (params: object) =>
      lab.admin("POST", "/nodes/pve1/qemu/101/migrate", { params: { target: "pve2", ...params } });
    expect((await migrate({})).reason).toBe("can't migrate running VM without --online");
    const { data: withoutDisks } = await migrate({ online: 1 });
    expect(await waitForTask(lab.admin, withoutDisks)).toContain("without with-local-disks option");
    const { data: upid } = await migrate({ online: 1, "with-local-disks": 1 });
    expect(await waitForTask(lab.admin, upid)).toBe("OK");
    expect(lab.pve.cluster.vms.get(101)).toMatchObject({ node: "pve2", process: { paused: false } });
  });

  test("disks of waiting changes and of snapshots come along, under their names on the other node", async () => {
    await open();
    await lab.clone(101);
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/101/snapshot", { snapname: "before" });
    await lab.start(101);
    await lab.set(101, { ide0: "local-lvm:1" });
    const storage = lab.pve.cluster.storages.get("local-lvm");
    const { cluster } = lab.pve;
    if (storage === undefined) throw new Error("the default storages have changed");
    const inTheWay = { storage, node: "pve2", vmid: 101, format: "raw", sizeBytes: 1 };
    for (const name of ["vm-101-disk-0", "vm-101-disk-1"]) createImage(cluster, { ...inTheWay, name });
    const params = { target: "pve2", online: 1, "with-local-disks": 1 };
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu/101/migrate", params)).toBe("OK");
    const vm = cluster.vms.get(101);
    expect(vm?.config["virtio0"]).toContain("local-lvm:vm-101-disk-2,");
    expect(vm?.pending["ide0"]).toContain("local-lvm:vm-101-disk-3,");
    expect(vm?.snapshots.get("before")?.config["virtio0"]).toContain("local-lvm:vm-101-disk-2,");
  });

  test("a linked clone stays with its base", async () => {
    await open();
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9000/clone", { newid: 101, full: 0 });
    const params = { target: "pve2", "with-local-disks": 1 };
    const exit = await runTask(lab.admin, "POST", "/nodes/pve1/qemu/101/migrate", params);
    expect(exit).toContain("clone of a base volume");
    expect(lab.pve.cluster.vms.get(101)?.node).toBe("pve1");
  });

  test.each([
    ["pve9", 500, "no such cluster node 'pve9'"],
    ["pve1", 400, "Parameter verification failed."],
  ])("to %s is refused at once", async (target, status, reason) => {
    await open();
    await lab.clone(101);
    const answer = await lab.admin("POST", "/nodes/pve1/qemu/101/migrate", { params: { target } });
    expect(answer).toMatchObject({ status, reason });
  });
});

describe("snapshots", () => {
  test("rolling back takes the configuration back, and a removed one leaves its children", async () => {
    await open();
    await lab.clone(101);
    const snapshot = "/nodes/pve1/qemu/101/snapshot";
    await runTask(lab.admin, "POST", snapshot, { snapname: "one" });
    await lab.set(101, { cores: 4 });
    await runTask(lab.admin, "POST", snapshot, { snapname: "two", description: "four cores" });
    expect(await runTask(lab.admin, "POST", `${snapshot}/one/rollback`)).toBe("OK");
    expect((await lab.config(101))["cores"]).toBe(1);
    expect(await runTask(lab.admin, "DELETE", `${snapshot}/one`)).toBe("OK");
    const { data } = await lab.admin("GET", snapshot);
    expect(data).toEqual([
      { name: "two", description: "four cores", snaptime: expect.any(Number), vmstate: 0 },
      { name: "current", description: "You are here!", digest: expect.any(String), running: 0 },
    ]);
  });

  test("a name is used once, and a machine with snapshots becomes no template", async () => {
    await open();
    await lab.clone(101);
    const snapshot = "/nodes/pve1/qemu/101/snapshot";
    await runTask(lab.admin, "POST", snapshot, { snapname: "one" });
    const again = await runTask(lab.admin, "POST", snapshot, { snapname: "one" });
    const template = await lab.admin("POST", "/nodes/pve1/qemu/101/template");
    expect(again).toBe("snapshot name 'one' already used");
    expect(template.reason).toBe("unable to create template, because VM contains snapshots");
  });
});

describe("pools", () => {
  test("a machine is in one pool at a time and moves only when that is asked for", async () => {
    await open();
    await lab.clone(101);
    for (const poolid of ["a", "b"]) await lab.admin("POST", "/pools", { params: { poolid } });
    const add = (poolid: string, more: object = {}) =>
      lab.admin("PUT", `/pools?poolid=${poolid}`, { params: { vms: 101, ...more } });
    expect((await add("a")).status).toBe(200);
    expect((await add("b")).reason).toBe("update pools failed: VM 101 belongs already to pool 'a'");
    expect((await add("b", { "allow-move": 1 })).status).toBe(200);
    const full = await lab.admin("DELETE", "/pools", { params: { poolid: "b" } });
    expect(full.reason).toBe("delete pool failed: pool 'b' is not empty (contains VM 101)");
    expect((await lab.admin("DELETE", "/pools", { params: { poolid: "a" } })).status).toBe(200);
  });
});

describe("storage", () => {
  test("a volume is found by its id, slash and all, with its path", async () => {
    const dir = { style: "dir", content: ["images"], shared: false, totalBytes: 1e12 } as const;
    await open({
      storages: [{ name: "files", ...dir }],
      templates: [{ vmid: 9000, name: "golden", node: "pve1", storage: "files" }],
    });
    const volid = encodeURIComponent("files:9000/base-9000-disk-0.qcow2");
    const { data } = await lab.admin("GET", `/nodes/pve1/storage/files/content/${volid}`);
    expect(data).toMatchObject({
      path: "/mnt/pve/files/images/9000/base-9000-disk-0.qcow2",
      format: "qcow2",
      size: 4 * 1024 ** 3,
    });
  });

  test("a volume is deleted unless linked clones read it", async () => {
    await open();
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9000/clone", { newid: 101, full: 0 });
    await lab.set(101, { scsi1: "local-lvm:1" });
    await lab.set(101, { delete: "scsi1" });
    const content = "/nodes/pve1/storage/local-lvm/content";
    expect(await runTask(lab.admin, "DELETE", `${content}/local-lvm:base-9000-disk-0`)).toContain(
      "still in use",
    );
    expect(await runTask(lab.admin, "DELETE", `${content}/vm-101-disk-1`)).toBe("OK");
    expect((await lab.admin("GET", `${content}/vm-101-disk-1`)).status).toBe(500);
  });

  test("local storages of two nodes hold different volumes", async () => {
    await open();
    await lab.clone(101);
    const content = (node: string) => lab.admin("GET", `/nodes/${node}/storage/local-lvm/content`);
    expect(((await content("pve1")).data as unknown[]).length).toBe(4);
    expect((await content("pve2")).data).toEqual([]);
  });
});
