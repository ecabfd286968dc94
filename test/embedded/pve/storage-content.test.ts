import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PveStorage } from "../../../embedded/pve/state/storage.ts";
import { storeVolume, type Volume } from "../../../embedded/pve/state/volume.ts";
import { runTask } from "./api-client.ts";
import { adminToken, type Lab, startLab } from "./lab.ts";

let lab: Lab;
const gibibyte = 1024 ** 3;

const storages: readonly PveStorage[] = [
  { name: "local", style: "dir", content: ["iso", "backup"], shared: false, totalBytes: gibibyte },
  { name: "local-lvm", style: "lvmthin", content: ["images"], shared: false, totalBytes: gibibyte },
  { name: "nas", style: "dir", content: ["images"], shared: true, totalBytes: 10 * gibibyte },
];

beforeAll(async () => {
  lab = await startLab({
    storages,
    templates: [
      { vmid: 9000, name: "golden", node: "pve1", storage: "local-lvm" },
      { vmid: 9001, name: "shared", node: "pve1", storage: "nas", rootDiskSizeGiB: 2 },
    ],
    tokens: [
      { id: adminToken },
      { id: "user@pve!key", role: "PVEDatastoreUser" },
      { id: "vms@pve!key", role: "PVEVMAdmin" },
    ],
  });
});
afterAll(() => lab.pve.stop());

const contentOf = (storage: string, node = "pve1") => `/nodes/${node}/storage/${storage}/content`;

async function list(
  storage: string,
  params = {},
  node = "pve1",
): Promise<readonly Record<string, unknown>[]> {
  const { data } = await lab.admin("GET", contentOf(storage, node), { params });
  return data as Record<string, unknown>[];
}

function put(volume: Partial<Volume> & Pick<Volume, "volid">): void {
  const { cluster } = lab.pve;
  const storage = cluster.storages.get("local");
  if (storage === undefined) throw new Error("the lab has no storage 'local'");
  const common = { storage: "local", node: "pve1", vmid: undefined, parent: undefined };
  storeVolume(cluster, storage, "pve1", {
    ...common,
    content: "iso",
    format: "iso",
    sizeBytes: 5 * 1024,
    createdAtSeconds: cluster.clock.nowSeconds(),
    ...volume,
  });
}

describe("the content of a storage", () => {
  test("is listed by kind and by owner", async () => {
    put({ volid: "local:iso/a.iso" });
    put({ volid: "local:backup/b.vma", content: "backup", vmid: 101 });
    expect((await list("local")).map(({ volid }) => volid)).toEqual([
      "local:iso/a.iso",
      "local:backup/b.vma",
    ]);
    expect(await list("local", { content: "iso" })).toMatchObject([{ volid: "local:iso/a.iso" }]);
    expect(await list("local", { vmid: 101 })).toMatchObject([{ volid: "local:backup/b.vma", vmid: 101 }]);
    expect(await list("local", { content: "images" })).toEqual([]);
  });

  test("of a storage that does not exist is an error", async () => {
    const { status, reason } = await lab.admin("GET", contentOf("nowhere"));
    expect([status, reason]).toEqual([500, "storage 'nowhere' does not exist"]);
  });

  test("is one for all nodes on a shared storage", async () => {
    expect(await list("nas", {}, "pve2")).toEqual(await list("nas"));
    expect(await list("local-lvm", {}, "pve2")).toEqual([]);
  });

  test("takes the space that was written, not the size that machines see", async () => {
    const usage = async () =>
      (await lab.admin("GET", "/nodes/pve1/storage/nas/status")).data as { used: number; avail: number };
    const before = await usage();
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9001/clone", { newid: 201, full: 1 })).toBe(
      "OK",
    );
    const after = await usage();
    expect(after.used - before.used).toBe(gibibyte / 2);
    expect(after.avail).toBe(10 * gibibyte - after.used);
    const [disk] = (await list("nas", { vmid: 201 })).filter(({ volid }) => String(volid).includes("disk"));
    expect(disk).toMatchObject({ size: 2 * gibibyte, used: gibibyte / 2 });
  });
});

describe("a storage without room", () => {
  test("fails the copy of an image and leaves nothing of the new machine", async () => {
    await lab.clone(110, { storage: "local-lvm" });
    const exit = await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9000/clone", { newid: 111, full: 1 });
    expect(exit).toBe(
      "clone failed: copy failed: command '/usr/bin/qemu-img convert -p -n -f raw -O raw " +
        "/dev/pve/base-9000-disk-0 /dev/pve/vm-111-disk-0' failed: exit code 1",
    );
    expect(lab.pve.cluster.vms.has(111)).toBe(false);
    expect(await list("local-lvm", { vmid: 111 })).toEqual([]);
  });

  test("still takes linked copies, which need no space yet", async () => {
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9000/clone", { newid: 112, full: 0 })).toBe(
      "OK",
    );
  });
});

describe("a volume", () => {
  test("is shown by its id and by its name", async () => {
    put({ volid: "local:iso/shown.iso" });
    const path = "/var/lib/vz/template/iso/shown.iso";
    for (const name of ["local:iso/shown.iso", "iso%2Fshown.iso"])
      expect((await lab.admin("GET", `${contentOf("local")}/${name}`)).data).toMatchObject({
        path,
        size: 5120,
      });
    const { reason } = await lab.admin("GET", `${contentOf("local")}/local:iso/none.iso`);
    expect(reason).toBe("volume 'local:iso/none.iso' does not exist");
  });

  test("is shown only to those who may see it", async () => {
    const owned = `${contentOf("nas")}/nas:9001/base-9001-disk-0.qcow2`;
    expect((await lab.as("user@pve!key")("GET", owned)).status).toBe(403);
    expect((await lab.as("vms@pve!key")("GET", owned)).status).toBe(200);
  });

  test("is deleted by those who may allocate on the storage, backups also by who may back up their machine", async () => {
    put({ volid: "local:iso/gone.iso" });
    const path = `${contentOf("local")}/local:iso/gone.iso`;
    const refused = await lab.as("user@pve!key")("DELETE", path);
    expect(refused.reason).toBe("Permission check failed (/storage/local, Datastore.Allocate)");
    expect(await runTask(lab.admin, "DELETE", path)).toBe("OK");
    expect(await list("local", { content: "iso" })).not.toContainEqual(
      expect.objectContaining({ volid: "local:iso/gone.iso" }),
    );
    put({ volid: "local:backup/c.vma", content: "backup", vmid: 110 });
    const backup = await lab.as("user@pve!key")("DELETE", `${contentOf("local")}/local:backup/c.vma`);
    expect(backup.reason).toBe("Permission check failed (/vms/110, VM.Backup)");
  });

  test("that linked copies read is not deleted", async () => {
    const exit = await runTask(lab.admin, "DELETE", `${contentOf("local-lvm")}/local-lvm:base-9000-disk-0`);
    expect(exit).toBe("base volume 'local-lvm:base-9000-disk-0' is still in use by linked cloned");
  });

  test("that is a backup keeps a note, and is not deleted while it is protected", async () => {
    put({ volid: "local:backup/kept.vma", content: "backup", vmid: 110 });
    const path = `${contentOf("local")}/local:backup/kept.vma`;
    expect(
      (await lab.admin("PUT", path, { params: { notes: "before the move", protected: 1 } })).status,
    ).toBe(200);
    expect((await lab.admin("GET", path)).data).toMatchObject({ notes: "before the move", protected: 1 });
    expect(await runTask(lab.admin, "DELETE", path)).toBe(
      "cannot remove protected volume 'local:backup/kept.vma' on 'local'",
    );
    await lab.admin("PUT", path, { params: { protected: 0 } });
    expect(await runTask(lab.admin, "DELETE", path)).toBe("OK");
  });

  test("that is no backup keeps no note", async () => {
    put({ volid: "local:iso/plain.iso" });
    const { reason } = await lab.admin("PUT", `${contentOf("local")}/local:iso/plain.iso`, {
      params: { notes: "x" },
    });
    expect(reason).toBe("only backups support attribute 'notes'");
  });
});

describe("an image that is made by itself", () => {
  const allocate = (storage: string, params: Readonly<Record<string, string | number>>) =>
    lab.admin("POST", contentOf(storage), { params: { vmid: 150, size: "1G", ...params } });

  test("has the size and format that were asked for", async () => {
    expect((await allocate("local-lvm", { filename: "vm-150-disk-5" })).data).toBe("local-lvm:vm-150-disk-5");
    expect((await allocate("nas", { filename: "vm-150-disk-6.qcow2", size: 2048 })).data).toBe(
      "nas:150/vm-150-disk-6.qcow2",
    );
    expect(await list("nas", { vmid: 150 })).toMatchObject([{ format: "qcow2", size: 2048 * 1024, used: 0 }]);
  });

  test.each([
    ["local-lvm", { filename: "disk" }, 500, "illegal name 'disk' - should be 'vm-150-*'"],
    ["local-lvm", { filename: "vm-150-x.qcow2" }, 500, "unsupported format 'qcow2'"],
    [
      "nas",
      { filename: "vm-150-disk-6.qcow2" },
      500,
      "disk image '/mnt/pve/nas/images/150/vm-150-disk-6.qcow2' already exists",
    ],
    ["nas", { filename: "vm-150-x.raw", format: "qcow2" }, 400, "Parameter verification failed."],
  ])("on %s as %j is refused", async (storage, params, status, reason) => {
    expect(await allocate(storage, params)).toMatchObject({ status, reason });
  });
});

describe("an installer image", () => {
  const create = (vmid: number, params: Readonly<Record<string, string>>) =>
    runTask(lab.admin, "POST", "/nodes/pve1/qemu", { vmid, ...params });

  test("is put into a machine's drive with its size, and taken out of the boot order with the drive", async () => {
    put({ volid: "local:iso/installer.iso" });
    const params = {
      virtio0: "nas:1",
      ide2: "local:iso/installer.iso,media=cdrom",
      boot: "order=virtio0;ide2",
    };
    expect(await create(160, params)).toBe("OK");
    expect((await lab.config(160))["ide2"]).toBe("local:iso/installer.iso,media=cdrom,size=5K");
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu/160/config", { delete: "ide2" })).toBe("OK");
    expect(await lab.config(160)).toMatchObject({ boot: "order=virtio0" });
  });

  test("that is missing fails the creation and leaves nothing", async () => {
    expect(await create(161, { virtio0: "nas:1", ide2: "local:iso/no-such.iso,media=cdrom" })).toBe(
      "unable to create VM 161 - volume 'local:iso/no-such.iso' does not exist",
    );
    expect(lab.pve.cluster.vms.has(161)).toBe(false);
    expect(await list("nas", { vmid: 161 })).toEqual([]);
  });
});
