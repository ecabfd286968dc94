import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { TemplateBuild } from "../../specs/site-spec.ts";
import { adoptTemplate } from "../../template/adopt-template.ts";
import { buildTemplate } from "../../template/build-template.ts";
import { findTemplate } from "../../template/cluster-template.ts";
import { clearLeftovers, noteAttempt } from "../../template/leftovers.ts";
import { planVersion } from "../../template/plan-version.ts";
import { goodBuild, makeContext, stubPacker } from "./make-context.ts";
import { startTemplateCluster } from "./template-cluster.ts";

afterEach(() => vi.unstubAllEnvs());

function without(key: keyof TemplateBuild): TemplateBuild {
  const { [key]: _left, ...rest } = goodBuild;
  return rest as TemplateBuild;
}

test("What would fail after minutes is refused before anything is made.", async () => {
  const cluster = await startTemplateCluster();
  const context = makeContext(cluster);
  const refusal = (build: TemplateBuild, source: "image" | "installer" = "image") =>
    buildTemplate({ ...context, build }, source).catch((error: { code: string }) => error.code);
  stubPacker(context.root, "1.9.5");
  expect(await refusal(goodBuild)).toBe("PACKER_MISSING");
  stubPacker(context.root, "1.14.0");
  expect(await refusal(without("nixpkgsRevision"))).toBe("USAGE");
  expect(await refusal(without("baseVmId"))).toBe("USAGE");
  expect(await refusal(goodBuild, "installer")).toBe("USAGE");
  expect(await refusal({ ...goodBuild, baseVmId: 9009 })).toBe("TEMPLATE_MISSING");
  expect(await refusal({ ...goodBuild, firmware: "ovmf" })).toBe("TEMPLATE_MISSING");
  expect(await refusal({ ...goodBuild, node: "pve2" })).toBe("TEMPLATE_MISSING");
  expect(await refusal({ ...goodBuild, vmIds: { from: 9000, to: 9000 } })).toBe("NO_FREE_VMID");
  expect(cluster.changes).toEqual([]);
});

test("A version takes neither a name that the catalogue knows nor a VMID of the specs or the catalogue.", async () => {
  const { build, changes } = makeContext(await startTemplateCluster());
  const entry = {
    rootDisk: { slot: "virtio0", sizeGiB: 4 },
    cloudInit: { slot: "ide2" },
    firmware: "seabios",
  } as const;
  const templates = { gone: { ...entry, vmId: 9002, version: "nixos-26.05-v7" } };
  const planned = await planVersion(changes, { build, templates, reserved: new Set([9001]) });
  expect(planned).toEqual({ name: "nixos-26.05-v8", vmId: 9003 });
});

test("Without any Packer on PATH a build says so, and what needs none.", async () => {
  const context = makeContext(await startTemplateCluster());
  vi.stubEnv("PATH", context.root);
  await expect(buildTemplate(context, "image")).rejects.toMatchObject({
    code: "PACKER_MISSING",
    hint: expect.stringContaining("template import"),
  });
});

test("A token that lacks privileges is told all of them before anything is made.", async () => {
  const cluster = await startTemplateCluster({}, { tokens: [{ id: "ops@pve!weak", role: "PVEVMUser" }] });
  const context = makeContext(cluster);
  stubPacker(context.root, "1.16.0");
  const error = await buildTemplate(context, "image").catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code: "NO_PERMISSION" });
  const { message } = error as Error;
  expect(message).toMatch(/on \/vms\/9001: VM\.Allocate, VM\.Clone, .*VM\.Config\.Network/);
  expect(message).toContain("on /vms/9000: VM.Clone");
  expect(message).toContain("on /storage/local-lvm: Datastore.AllocateSpace");
  expect(message).toContain("on /sdn/zones/localnetwork/vmbr0: SDN.Use");
  expect(cluster.changes).toEqual([]);
});

test("A version that does not pass is not in the catalogue, and stays to be looked at.", async () => {
  const cluster = await startTemplateCluster({ rootBytes: () => 1 });
  const said: string[] = [];
  const context = makeContext(cluster, said);
  mkdirSync(join(context.root, "vm-specs"));
  writeFileSync(join(context.root, "vm-specs/_site.json"), "{}");
  const template = await findTemplate(context.changes, "nixos-26.05-v1");
  const verification = { isFull: false, sshConfig: cluster.sshConfig, timeoutMs: 10_000 };
  const adopted = adoptTemplate(context, { template, origin: {} }, { key: "nixos", verification });
  await expect(adopted).rejects.toMatchObject({
    code: "TEMPLATE_NOT_VERIFIED",
    message: expect.stringContaining("nixos-26.05-v1 (9000) did not pass 1 of 7 checks."),
  });
  expect(said.filter((text) => text.startsWith("failed"))).toHaveLength(1);
  expect(readFileSync(join(context.root, "vm-specs/_site.json"), "utf8")).toBe("{}");
  expect([...cluster.pve.cluster.vms.keys()]).toEqual([9000]);
  expect(cluster.changes.filter((call) => call.endsWith("/qemu/9000"))).toEqual([]);
});

test("Only a machine with the VMID and the name of an attempt is a leftover; a template and others' machines never.", async () => {
  const cluster = await startTemplateCluster(
    {},
    {
      templates: [9000, 9001].map((vmid) => ({
        vmid,
        name: `nixos-26.05-v${vmid - 8999}`,
        node: "pve1",
        storage: "local-lvm",
      })),
    },
  );
  const { root, changes } = makeContext(cluster);
  const clone = (newid: number, name: string) =>
    changes.change("POST", "nodes/pve1/qemu/9000/clone", { newid, name, full: 1 });
  await clone(9002, "nixos-26.05-v3");
  await clone(9003, "somebodys-own");
  for (const [vmId, version] of [
    [9001, 2],
    [9002, 3],
    [9003, 4],
  ] as const) {
    await noteAttempt(root, { vmId, name: `nixos-26.05-v${version}` });
  }
  await expect(clearLeftovers(root, changes, { isAsked: false, say: () => undefined })).rejects.toMatchObject(
    {
      code: "TEMPLATE_LEFTOVER",
      message: "A build that failed left behind: nixos-26.05-v3 (9002) on node pve1.",
    },
  );
  await clearLeftovers(root, changes, { isAsked: true, say: () => undefined });
  expect([...cluster.pve.cluster.vms.keys()]).toEqual([9000, 9001, 9003]);
  // Forgotten: nothing to refuse any more.
  await clearLeftovers(root, changes, { isAsked: false, say: () => undefined });
});
