import fc from "fast-check";
import { expect, test } from "vitest";
import { choosePrunable } from "../../template/choose-prunable.ts";
import type { ClusterTemplate } from "../../template/cluster-template.ts";
import { readTemplateFacts } from "../../template/template-facts.ts";
import { nextTemplateName, parseTemplateName } from "../../template/template-name.ts";

test("A name tells its version, and the next one is one above the highest.", () => {
  expect(parseTemplateName("nixos-26.05-v12")).toEqual({ base: "nixos-26.05", version: 12 });
  for (const name of ["nixos", "nixos-v0", "nixos-v", "nixos-v1-old", "Nixos-v1", "", "-v1"]) {
    expect(parseTemplateName(name), name).toBeUndefined();
  }
  expect(nextTemplateName("nixos-26.05", [])).toBe("nixos-26.05-v1");
  const names = ["nixos-26.05-v9", "nixos-26.05-v10", "nixos-25.11-v30", "nixos-26.05", "nixos-26.05-v9-old"];
  expect(nextTemplateName("nixos-26.05", names)).toBe("nixos-26.05-v11");
});

test("The next name is never one that exists.", () => {
  const name = fc.tuple(fc.constantFrom("a", "nixos-26.05", "b-v2"), fc.integer({ min: 1, max: 40 }));
  fc.assert(
    fc.property(fc.array(name), (versions) => {
      const names = versions.map(([base, version]) => `${base}-v${version}`);
      expect(names).not.toContain(nextTemplateName("nixos-26.05", names));
    }),
  );
});

test("The drives of a template are found wherever a build put them.", () => {
  // As Packer's plugin leaves them: the cloud-init drive on the first free slot of its bus.
  expect(
    readTemplateFacts({
      template: 1,
      boot: "order=scsi0;ide2;net0",
      scsi0: "local-lvm:9501/base-9501-disk-0.qcow2,discard=on,size=2252M",
      scsi1: "local-lvm:vm-9501-cloudinit,media=cdrom,size=4M",
      ide2: "none,media=cdrom",
      meta: "creation-qemu=10.0.2,ctime=1795244403",
    }),
  ).toEqual({
    isTemplate: true,
    firmware: "seabios",
    tags: [],
    rootDisk: { slot: "scsi0", sizeGiB: 3 },
    cloudInit: { slot: "scsi1", datastore: "local-lvm" },
    createdAtSeconds: 1795244403,
  });
});

test("The firmware, its EFI disk and a disk outside of the boot order are read too.", () => {
  expect(
    readTemplateFacts({
      bios: "ovmf",
      tags: "golden;nixos",
      efidisk0: "zfs:vm-1-disk-0,efitype=4m,pre-enrolled-keys=0,size=1M",
      virtio0: "zfs:vm-1-disk-1,size=1T",
      ide0: "zfs:vm-1-cloudinit,media=cdrom",
    }),
  ).toEqual({
    isTemplate: false,
    firmware: "ovmf",
    tags: ["golden", "nixos"],
    efiType: "4m",
    rootDisk: { slot: "virtio0", sizeGiB: 1024 },
    cloudInit: { slot: "ide0", datastore: "zfs" },
  });
  expect(readTemplateFacts({ bios: "ovmf", efidisk0: "zfs:vm-1-disk-0,size=128K" }).efiType).toBe("2m");
  expect(readTemplateFacts({})).toEqual({ isTemplate: false, firmware: "seabios", tags: [] });
});

function template(vmId: number, name: string): ClusterTemplate {
  return { vmId, name, node: "pve1", isTemplate: true, firmware: "seabios", tags: ["golden", `tag-${vmId}`] };
}

const nothing = { keep: 2, linked: new Map(), catalogue: {} };

/** A catalogue of entries that are found in these ways. */
function catalogueOf(...ways: readonly { vmId?: number; name?: string; tag?: string }[]) {
  const rest = {
    rootDisk: { slot: "virtio0", sizeGiB: 4 },
    cloudInit: { slot: "ide2" },
    firmware: "seabios",
  } as const;
  return Object.fromEntries(ways.map((way, index) => [`key-${index}`, { ...rest, ...way }]));
}

function fates(...[templates, rules]: Parameters<typeof choosePrunable>): string[] {
  return choosePrunable(templates, rules).map(
    ({ template: { vmId }, because }) => `${vmId} ${because || "goes"}`,
  );
}

test("The newest versions of each name stay, by number and not by text; what counts no versions is left alone.", () => {
  const templates = [
    template(9000, "nixos-26.05-v10"),
    template(9001, "nixos-26.05-v9"),
    template(9002, "nixos-26.05-v2"),
    template(9003, "nixos-25.11-v1"),
    template(9004, "debian"),
  ];
  expect(fates(templates, nothing)).toEqual([
    "9002 goes",
    "9001 it is among the newest",
    "9000 it is among the newest",
    "9003 it is among the newest",
  ]);
});

test("A version that the catalogue names, or that a linked clone needs, stays however old it is.", () => {
  const templates = [1, 2, 3, 4].map((version) => template(9000 + version, `nixos-26.05-v${version}`));
  const rules = {
    keep: 1,
    linked: new Map([[9001, new Set([120, 101])]]),
    catalogue: catalogueOf({ vmId: 9002 }),
  };
  expect(fates(templates, rules)).toEqual([
    "9001 linked clones need it: 101, 120",
    "9002 the catalogue uses it",
    "9003 goes",
    "9004 it is among the newest",
  ]);
  for (const way of [{ name: "nixos-26.05-v3" }, { tag: "tag-9003" }]) {
    expect(fates(templates, { ...rules, catalogue: catalogueOf(way) })).toContain(
      "9003 the catalogue uses it",
    );
  }
});

test("Whatever the templates are, as many of each name as were asked for stay, and nothing that is needed goes.", () => {
  const version = fc.tuple(fc.constantFrom("a", "b"), fc.integer({ min: 1, max: 30 }), fc.boolean());
  const versions = fc.uniqueArray(version, { selector: ([base, number]) => `${base}-v${number}` });
  fc.assert(
    fc.property(versions, fc.integer({ min: 1, max: 4 }), (all, keep) => {
      const templates = all.map(([base, number], index) => template(100 + index, `${base}-v${number}`));
      const needed = new Set(all.flatMap(([, , isNeeded], index) => (isNeeded ? [100 + index] : [])));
      const linked = new Map([...needed].map((vmId) => [vmId, new Set([1000])] as const));
      const going = choosePrunable(templates, { ...nothing, keep, linked }).filter(
        ({ because }) => because === "",
      );
      expect(going.filter(({ template: { vmId } }) => needed.has(vmId))).toEqual([]);
      for (const base of ["a", "b"]) {
        const family = templates.filter(({ name }) => name.startsWith(base));
        const staying =
          family.length - going.filter(({ template: { name } }) => name.startsWith(base)).length;
        expect(staying).toBeGreaterThanOrEqual(Math.min(keep, family.length));
      }
    }),
  );
});
