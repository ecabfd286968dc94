import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSite } from "../../specs/read-site.ts";
import { catalogueEntry, writeCatalogueEntry } from "../../template/catalogue.ts";
import type { ClusterTemplate } from "../../template/cluster-template.ts";

const template: ClusterTemplate = {
  vmId: 9003,
  node: "pve1",
  name: "nixos-26.05-v3",
  isTemplate: true,
  firmware: "seabios",
  tags: [],
  rootDisk: { slot: "virtio0", sizeGiB: 4 },
  cloudInit: { slot: "ide0", datastore: "local-lvm" },
};
const origin = { release: "26.05", nixpkgsRevision: "a".repeat(40), created: "2026-11-21T10:00:00.000Z" };

const before = `{
  "$schema": "../specs/site.schema.json",
  "templates": {
    "nixos-26.05": {
      "name": "nixos-26.05-v2",
      "rootDisk": { "slot": "virtio0", "sizeGiB": 4 },
      "cloudInit": { "slot": "ide2", "datastore": "ceph" }
    },
    "other": { "tag": "other",   "rootDisk": { "sizeGiB": 8 } }
  },
  "stacks": { "demo": { "vmIds": { "from": 100, "to": 199 } } }
}
`;

function makeRoot(text: string): string {
  const root = mkdtempSync(join(tmpdir(), "nixherd-catalogue-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "vm-specs"));
  writeFileSync(join(root, "vm-specs/_site.json"), text);
  return root;
}

test("A new version takes the place of its key, keeps the site's cloud-init storage, and leaves the rest as written.", async () => {
  const root = makeRoot(before);
  await writeCatalogueEntry(root, "nixos-26.05", catalogueEntry(template, origin));
  const text = readFileSync(join(root, "vm-specs/_site.json"), "utf8");
  expect(text).toContain('"other": { "tag": "other",   "rootDisk": { "sizeGiB": 8 } }');
  expect(text).toContain('"stacks": { "demo": { "vmIds": { "from": 100, "to": 199 } } }');
  expect(readSite(root, "vm-specs/_site.json")).toMatchObject({ problems: [] });
  expect(JSON.parse(text).templates["nixos-26.05"]).toEqual({
    vmId: 9003,
    node: "pve1",
    version: "nixos-26.05-v3",
    ...origin,
    rootDisk: { slot: "virtio0", sizeGiB: 4 },
    cloudInit: { slot: "ide0", datastore: "ceph" },
    firmware: "seabios",
  });
  expect(readdirSync(join(root, "vm-specs"))).toEqual(["_site.json"]);
});

test("The first template of a site is written too, and its EFI disk's kind with it.", async () => {
  const root = makeRoot("{}\n");
  const entry = catalogueEntry({ ...template, firmware: "ovmf", efiType: "4m" }, origin);
  await writeCatalogueEntry(root, "nixos", entry);
  const { site, problems } = readSite(root, "vm-specs/_site.json");
  expect(problems).toEqual([]);
  expect(site.templates["nixos"]).toMatchObject({ vmId: 9003, firmware: "ovmf", efiType: "4m" });
});

test("What specs could not use does not get into the catalogue.", () => {
  const { rootDisk: _rootDisk, ...diskless } = template;
  const { cloudInit: _cloudInit, ...driveless } = template;
  for (const useless of [{ ...template, isTemplate: false }, diskless, driveless]) {
    expect(() => catalogueEntry(useless, origin)).toThrow("cannot go into the catalogue");
  }
});
