import { join } from "node:path";
import { expect, test } from "vitest";
import type { PveStorage } from "../../embedded/pve/state/storage.ts";
import { importTemplate } from "../../template/import-template.ts";
import { goodBuild, makeContext } from "./make-context.ts";
import { writeImage } from "./qcow2-image.ts";
import { startTemplateCluster, type TemplateCluster } from "./template-cluster.ts";
import { makeTemplateProject, templateBuild } from "./template-project.ts";

function filesOn({ pve }: TemplateCluster): string[] {
  return [...pve.cluster.volumes.values()]
    .filter(({ content }) => content === "import")
    .map(({ volid }) => volid);
}

test("An image becomes the next version through the API alone, verified and in the catalogue.", async () => {
  const cluster = await startTemplateCluster();
  const project = await makeTemplateProject(cluster, { templateBuild });
  const sha256 = writeImage(join(project.root, "nixos.qcow2"), 3);
  const { exitCode, stderr, stdout } = await project.template(
    "import",
    "nixos.qcow2",
    "--sha256",
    sha256,
    "--timeout",
    "20",
  );
  expect(exitCode, stdout + stderr).toBe(0);
  expect(cluster.pve.cluster.vms.get(9001)?.config).toMatchObject({
    name: "nixos-26.05-v2",
    template: 1,
    tags: "golden;nixos",
    agent: "1",
    serial0: "socket",
    boot: "order=virtio0",
    virtio0: expect.stringMatching(/^local-lvm:base-9001-disk-\d,.*size=3G/),
    ide2: expect.stringContaining("cloudinit"),
  });
  expect(JSON.parse(await project.read("vm-specs/_site.json")).templates["nixos-26.05"]).toMatchObject({
    vmId: 9001,
    version: "nixos-26.05-v2",
    rootDisk: { slot: "virtio0", sizeGiB: 3 },
    cloudInit: { slot: "ide2" },
    // As the marker inside says.
    nixpkgsRevision: "a".repeat(40),
  });
  expect(filesOn(cluster)).toEqual([]);
});

test("A UEFI image gets an EFI disk without enrolled keys.", async () => {
  const cluster = await startTemplateCluster();
  const context = makeContext(cluster);
  const image = {
    file: join(context.root, "nixos.qcow2"),
    sha256: writeImage(join(context.root, "nixos.qcow2"), 3),
  };
  const { template } = await importTemplate({ ...context, build: { ...goodBuild, firmware: "ovmf" } }, image);
  expect(template).toMatchObject({ firmware: "ovmf", efiType: "4m", isTemplate: true });
  expect(cluster.pve.cluster.vms.get(9001)?.config["efidisk0"]).toContain("pre-enrolled-keys=0");
});

test("An image with another checksum is refused before anything is sent.", async () => {
  const cluster = await startTemplateCluster();
  const context = makeContext(cluster);
  const file = join(context.root, "nixos.qcow2");
  writeImage(file, 3);
  await expect(importTemplate(context, { file, sha256: "0".repeat(64) })).rejects.toMatchObject({
    code: "CHECKSUM_WRONG",
  });
  expect(cluster.changes).toEqual([]);
});

test("A storage that takes no images is refused before anything is sent.", async () => {
  const local = (content: PveStorage["content"]): PveStorage[] => [
    { name: "local", style: "dir", content, shared: false, totalBytes: 1024 ** 4 },
    { name: "local-lvm", style: "lvmthin", content: ["images"], shared: false, totalBytes: 1024 ** 4 },
  ];
  const cluster = await startTemplateCluster({}, { storages: local(["iso"]) });
  const context = makeContext(cluster);
  const file = join(context.root, "nixos.qcow2");
  const sha256 = writeImage(file, 3);
  await expect(importTemplate(context, { file, sha256 })).rejects.toMatchObject({
    code: "DATASTORE_MISSING",
  });
  expect(cluster.changes).toEqual([]);
});

test("When the machine cannot be made, the uploaded image is removed again.", async () => {
  const cluster = await startTemplateCluster();
  const context = makeContext(cluster);
  const file = join(context.root, "nixos.qcow2");
  const image = { file, sha256: writeImage(file, 3) };
  const build = { ...goodBuild, datastore: "nowhere" };
  await expect(importTemplate({ ...context, build }, image)).rejects.toMatchObject({ name: "NixherdError" });
  expect(cluster.changes.some((call) => call.endsWith("/upload"))).toBe(true);
  expect(filesOn(cluster)).toEqual([]);
  expect([...cluster.pve.cluster.vms.keys()]).toEqual([9000]);
});
