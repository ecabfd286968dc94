import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runTask } from "./api-client.ts";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;
let vmid = 200;

beforeAll(async () => {
  const images = { content: ["images"], shared: false, totalBytes: 1024 ** 4 };
  lab = await startLab({
    storages: [
      { name: "local-lvm", style: "lvmthin", ...images },
      { name: "second", style: "dir", ...images },
    ],
  });
});
afterAll(() => lab.pve.stop());
beforeEach(async () => {
  vmid += 1;
  await lab.clone(vmid);
});

const path = () => `/nodes/pve1/qemu/${vmid}`;

describe("the configuration of a stopped machine", () => {
  test("a network device without a MAC address gets a new one each time it is set", async () => {
    const macs = [];
    for (let round = 0; round < 2; round += 1) {
      await lab.set(vmid, { net0: "model=virtio,bridge=vmbr0,firewall=0" });
      macs.push((await lab.config(vmid))["net0"]);
    }
    expect(macs[0]).toMatch(/^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0,firewall=0$/);
    expect(macs[1]).not.toBe(macs[0]);
  });

  test("a network device keeps the MAC address it is given", async () => {
    await lab.set(vmid, { net0: "model=virtio,macaddr=BC:24:11:00:00:01,tag=20,bridge=vmbr0" });
    expect((await lab.config(vmid))["net0"]).toBe("virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20");
  });

  test("tags come back lower-case, sorted and once", async () => {
    await lab.set(vmid, { tags: "Web;nixos,web prod" });
    expect((await lab.config(vmid))["tags"]).toBe("nixos;prod;web");
  });

  test("numbers, texts and explicit zeros keep their kind", async () => {
    await lab.set(vmid, { memory: 768, cores: 3, onboot: 0, numa: 0, cpulimit: "1.5" });
    expect(await lab.config(vmid)).toMatchObject({
      memory: "768",
      cores: 3,
      onboot: 0,
      numa: 0,
      cpulimit: "1.5",
    });
  });

  test("a password is never shown", async () => {
    await lab.set(vmid, { cipassword: "hunter2" });
    expect((await lab.config(vmid))["cipassword"]).toBe("**********");
    expect(JSON.stringify([...lab.pve.cluster.vms.values()])).not.toContain("hunter2");
  });

  test("an empty text removes a key, and deleting an unset key is no error", async () => {
    await lab.set(vmid, { description: "text" });
    await lab.set(vmid, { description: "" });
    const answer = await lab.set(vmid, { delete: "net7,serial3,ide2,tags" });
    const config = await lab.config(vmid);
    expect(answer.status).toBe(200);
    expect(config).not.toHaveProperty("description");
    expect(config).not.toHaveProperty("tags");
  });

  test("a removed disk stays as unused until that is removed too, or it is attached again", async () => {
    await lab.set(vmid, { scsi1: "local-lvm:2,ssd=1" });
    await lab.set(vmid, { delete: "scsi1" });
    expect((await lab.config(vmid))["unused0"]).toBe(`local-lvm:vm-${vmid}-disk-1`);
    await lab.set(vmid, { scsi3: `local-lvm:vm-${vmid}-disk-1` });
    const attached = await lab.config(vmid);
    expect([attached["scsi3"], attached["unused0"]]).toEqual([
      `local-lvm:vm-${vmid}-disk-1,size=2G`,
      undefined,
    ]);
    await lab.set(vmid, { delete: "scsi3" });
    await lab.set(vmid, { delete: "unused0" });
    const { data } = await lab.admin("GET", "/nodes/pve1/storage/local-lvm/content", { params: { vmid } });
    expect((data as { volid: string }[]).map(({ volid }) => volid)).not.toContain(
      `local-lvm:vm-${vmid}-disk-1`,
    );
  });

  test("another volume in a slot silently detaches the one before", async () => {
    await lab.set(vmid, { virtio0: "local-lvm:8" });
    expect(await lab.config(vmid)).toMatchObject({
      virtio0: `local-lvm:vm-${vmid}-disk-1,size=8G`,
      unused0: `local-lvm:vm-${vmid}-disk-0`,
    });
  });

  test("a forced removal destroys the disk", async () => {
    await lab.set(vmid, { scsi1: "local-lvm:2" });
    await lab.set(vmid, { delete: "scsi1", force: 1 });
    expect(await lab.config(vmid)).not.toHaveProperty("unused0");
  });

  test("the provider's way to make a cloud-init drive works, twice only after its removal", async () => {
    const request = { ide2: "file=local-lvm:cloudinit," };
    expect((await lab.set(vmid, request)).status).toBe(500);
    await lab.set(vmid, { delete: "ide2" });
    expect((await lab.set(vmid, request)).status).toBe(200);
    expect((await lab.config(vmid))["ide2"]).toBe(`local-lvm:vm-${vmid}-cloudinit,media=cdrom`);
  });

  test("a device leaves the boot order when it is removed", async () => {
    await lab.set(vmid, { boot: "order=virtio0;net0" });
    await lab.set(vmid, { delete: "net0" });
    expect((await lab.config(vmid))["boot"]).toBe("order=virtio0");
  });

  test("an old digest is refused, the present one is not", async () => {
    const { digest } = await lab.config(vmid);
    expect((await lab.set(vmid, { name: "one", digest: String(digest) })).status).toBe(200);
    const late = await lab.set(vmid, { name: "two", digest: String(digest) });
    expect(late).toMatchObject({ status: 500, reason: "checksum mismatch (file change by other user?)" });
  });

  test("a cicustom file that does not exist shows when the cloud-init drive is made", async () => {
    await lab.set(vmid, { delete: "ide2" });
    const alone = await lab.set(vmid, { cicustom: "user=local:snippets/none.yaml" });
    const withDrive = await lab.set(vmid, { ide2: "local-lvm:cloudinit" });
    expect(alone.status).toBe(200);
    expect(withDrive).toMatchObject({
      status: 500,
      reason: "volume 'local:snippets/none.yaml' does not exist",
    });
  });

  test.each([
    ["ssh-ed25519%20AAAAC3NzaC1lZDI1NTE5AAAAII4E8lXVIXYVj6bH90%2BC0U6s9zS9ytwjEfxTcxVhnjQ5%20me", 200],
    ["ssh-ed25519%20AAAAC3NzaC1yc2EAAAADAQABAAABAQ%20wrong-type", 500],
    ["not%20a%20key", 500],
  ])("SSH keys are checked: %s -> %d", async (sshkeys, status) => {
    expect((await lab.set(vmid, { sshkeys })).status).toBe(status);
  });

  test("a protected machine keeps its disks and itself", async () => {
    await lab.set(vmid, { protection: 1 });
    const disk = await lab.set(vmid, { delete: "virtio0" });
    const destroy = await lab.admin("DELETE", path());
    expect(disk.reason).toBe("can't remove drive 'virtio0' - protection mode enabled");
    expect(destroy.reason).toBe(`can't remove VM ${vmid} - protection mode enabled`);
  });
});

describe("the configuration of a running machine", () => {
  beforeEach(() => lab.start(vmid));

  test("memory waits for the next start: shown as if set, and as it is with current=1", async () => {
    await lab.set(vmid, { memory: 2048 });
    expect((await lab.config(vmid))["memory"]).toBe("2048");
    expect((await lab.config(vmid, true))["memory"]).toBe("1024");
    const { data } = await lab.admin("GET", `${path()}/pending`);
    expect(data).toContainEqual({ key: "memory", value: "1024", pending: "2048" });
    await runTask(lab.admin, "POST", `${path()}/status/stop`);
    expect((await lab.config(vmid, true))["memory"]).toBe("2048");
  });

  test("a waiting change is forgotten when the value goes back, or is reverted", async () => {
    await lab.set(vmid, { memory: 2048, cores: 4 });
    await lab.set(vmid, { memory: 1024 });
    await lab.set(vmid, { revert: "cores" });
    const { data } = await lab.admin("GET", `${path()}/pending`);
    expect((data as object[]).filter((entry) => "pending" in entry)).toEqual([]);
  });

  test.each([
    ["name", "other"],
    ["tags", "a;b"],
    ["description", "text"],
    ["onboot", 1],
    ["net1", "virtio=BC:24:11:00:00:09,bridge=vmbr0"],
    ["cpuunits", 200],
    ["balloon", 512],
    ["agent", "enabled=1,fstrim_cloned_disks=1"],
    ["ide2", "none,media=cdrom"],
    ["ciuser", "nixos"],
    ["ipconfig0", "ip=dhcp"],
  ])("%s changes at once", async (key, value) => {
    await lab.set(vmid, { [key]: value });
    expect((await lab.config(vmid, true))[key]).toBe(value);
  });

  test.each([
    ["cores", 4],
    ["agent", "enabled=0"],
    ["bios", "ovmf"],
    ["balloon", 0],
    ["ide0", "none,media=cdrom"],
  ])("%s waits for a restart", async (key, value) => {
    const before = (await lab.config(vmid, true))[key];
    await lab.set(vmid, { [key]: value });
    expect((await lab.config(vmid, true))[key]).toBe(before);
    expect((await lab.config(vmid))[key]).toBe(value);
  });

  test("disk options that need a restart wait, the others change at once", async () => {
    const volume = `local-lvm:vm-${vmid}-disk-0`;
    await lab.set(vmid, { virtio0: `${volume},discard=on,iothread=1,backup=0` });
    expect((await lab.config(vmid, true))["virtio0"]).toContain("backup=0");
    await lab.set(vmid, { virtio0: `${volume},discard=on,iothread=0,backup=0` });
    expect((await lab.config(vmid, true))["virtio0"]).toContain("iothread=1");
  });

  test("disks come and go while it runs", async () => {
    await lab.set(vmid, { scsi1: "local-lvm:1" });
    expect(await lab.config(vmid, true)).toHaveProperty("scsi1");
    await lab.set(vmid, { delete: "scsi1" });
    expect(await lab.config(vmid, true)).toHaveProperty("unused0");
  });

  test("a missing bridge fails with 400, and still the change shows as if it were done", async () => {
    const net0 = "virtio=BC:24:11:00:00:01,bridge=nobr";
    const answer = await lab.set(vmid, { net0 });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: { net0: "hotplug problem - interface nobr does not exist\n" } },
    });
    expect((await lab.config(vmid))["net0"]).toBe(net0);
    expect((await lab.config(vmid, true))["net0"]).not.toBe(net0);
  });
});

describe("resizing and moving disks", () => {
  test("a disk grows by plain bytes, by a unit and by a plus", async () => {
    const sizes = [];
    for (const size of [String(5 * 1024 ** 3), "6G", "+512M"]) {
      expect(await runTask(lab.admin, "PUT", `${path()}/resize`, { disk: "virtio0", size })).toBe("OK");
      sizes.push(String((await lab.config(vmid))["virtio0"]).split("size=")[1]);
    }
    expect(sizes).toEqual(["5G", "6G", "6656M"]);
  });

  test("shrinking is refused by the task, not by the call", async () => {
    const exit = await runTask(lab.admin, "PUT", `${path()}/resize`, { disk: "virtio0", size: "1G" });
    expect(exit).toBe("shrinking disks is not supported");
  });

  test("a disk that does not exist is found missing by the task", async () => {
    const exit = await runTask(lab.admin, "PUT", `${path()}/resize`, { disk: "scsi9", size: "1G" });
    expect(exit).toBe("disk 'scsi9' does not exist");
  });

  test("moving to the same storage in the same format is refused", async () => {
    const answer = await lab.admin("POST", `${path()}/move_disk`, {
      params: { disk: "virtio0", storage: "local-lvm" },
    });
    expect(answer.reason).toBe("you can't move to the same storage with same format");
  });

  test("a disk that a snapshot has is moved only if its source stays", async () => {
    await runTask(lab.admin, "POST", `${path()}/snapshot`, { snapname: "before" });
    const disk = { disk: "virtio0", storage: "second" };
    const answer = await lab.admin("POST", `${path()}/move_disk`, { params: { ...disk, delete: "1" } });
    expect(answer.reason).toBe("you can't move a disk with snapshots and delete the source");
  });

  test.each([
    ["stays as a further unused one", "0", ["local-lvm:vm-ID-disk-1"]],
    ["goes with delete", "1", []],
  ])("what was unused and is moved %s", async (_, remove, left) => {
    await runTask(lab.admin, "POST", `${path()}/config`, { scsi5: "local-lvm:1" });
    await runTask(lab.admin, "POST", `${path()}/config`, { delete: "scsi5" });
    const disk = { disk: "unused0", storage: "second", delete: remove };
    expect(await runTask(lab.admin, "POST", `${path()}/move_disk`, disk)).toBe("OK");
    const { unused0, ...others } = await lab.config(vmid);
    expect(unused0).toMatch(/^second:/);
    const rest = Object.entries(others).filter(([key]) => key.startsWith("unused"));
    const expected = left.map((volid) => volid.replace("ID", String(vmid)));
    expect(rest.map(([, volid]) => volid)).toEqual(expected);
    const content = await lab.admin("GET", `/nodes/pve1/storage/local-lvm/content?vmid=${vmid}`);
    const volids = (content.data as { volid: string }[]).map(({ volid }) => volid);
    expect(volids.filter((volid) => volid.endsWith("-disk-1"))).toEqual(expected);
  });
});
