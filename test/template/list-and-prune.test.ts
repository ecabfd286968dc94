import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openClusterChanges } from "../../proxmox/cluster-changes.ts";
import { describeTemplates } from "../../template/describe-templates.ts";
import { soundGuest, startTemplateCluster, type TemplateCluster } from "./template-cluster.ts";
import { makeTemplateProject } from "./template-project.ts";

const templates = [1, 2, 3, 4].map((version) => ({
  vmid: 9000 + version,
  name: `nixos-26.05-v${version}`,
  node: "pve1",
  storage: version === 1 ? "files" : "local-lvm",
}));
const storages = [
  { name: "files", style: "dir", content: ["images"], shared: false, totalBytes: 1024 ** 4 },
  { name: "local-lvm", style: "lvmthin", content: ["images"], shared: false, totalBytes: 1024 ** 4 },
] as const;

/** Four versions; 101 is a linked clone of the first, 102 a running full clone of the second. */
async function startWithMachines(): Promise<TemplateCluster> {
  const cluster = await startTemplateCluster(
    {
      file: (path, vmId) =>
        path === "/etc/nixos-template.json" ? '{"version":"nixos-26.05-v2"}' : soundGuest.file(path, vmId),
    },
    { templates, storages },
  );
  const changes = openClusterChanges(cluster.access);
  onTestFinished(() => changes.close());
  await changes.change("POST", "nodes/pve1/qemu/9001/clone", { newid: 101, name: "linked", full: 0 });
  await changes.change("POST", "nodes/pve1/qemu/9002/clone", { newid: 102, name: "full", full: 1 });
  await changes.change("POST", "nodes/pve1/qemu/102/status/start");
  return cluster;
}

test("Templates are listed with their age, the catalogue's keys, linked clones and the machines that name them.", async () => {
  const cluster = await startWithMachines();
  const changes = openClusterChanges(cluster.access);
  onTestFinished(() => changes.close());
  const inTenDays = new Date(Date.now() + 10.5 * 24 * 60 * 60_000);
  const entry = {
    rootDisk: { slot: "virtio0", sizeGiB: 4 },
    cloudInit: { slot: "ide2" },
    firmware: "seabios",
  } as const;
  const catalogue = { nixos: { ...entry, vmId: 9004 }, old: { ...entry, name: "nixos-26.05-v3" } };
  const describe = () => describeTemplates(changes, catalogue, inTenDays);
  let described = await describe();
  // The agent needs a moment.
  for (
    const end = performance.now() + 20_000;
    described[1]?.machines.length === 0 && performance.now() < end;
  ) {
    await sleep(50);
    described = await describe();
  }
  const shown = described.map(({ vmId, ageDays, keys, linked, machines }) => ({
    vmId,
    ageDays,
    keys,
    linked,
    machines,
  }));
  expect(shown).toEqual([
    { vmId: 9001, ageDays: 10, keys: [], linked: [101], machines: [] },
    { vmId: 9002, ageDays: 10, keys: [], linked: [], machines: [102] },
    { vmId: 9003, ageDays: 10, keys: ["old"], linked: [], machines: [] },
    { vmId: 9004, ageDays: 10, keys: ["nixos"], linked: [], machines: [] },
  ]);
});

test("Pruning removes what nothing needs, says why the rest stays, and asks nobody only when it is told to.", async () => {
  const cluster = await startWithMachines();
  const site = { templates: { nixos: { vmId: 9003, rootDisk: { sizeGiB: 4 } } } };
  const project = await makeTemplateProject(cluster, site);
  const refused = await project.template("prune", "--keep", "1");
  expect(refused.stderr).toContain("error NEEDS_CONFIRMATION");
  expect(cluster.changes.filter((call) => call.startsWith("DELETE"))).toEqual([]);
  const { exitCode, stderr } = await project.template("prune", "--keep", "1", "--yes");
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain("nixos-26.05-v1 (9001) stays: linked clones need it: 101");
  expect(stderr).toContain("nixos-26.05-v3 (9003) stays: the catalogue uses it");
  expect(stderr).toContain("nixos-26.05-v4 (9004) stays: it is among the newest");
  expect(stderr).toContain("removed nixos-26.05-v2 (9002)");
  expect([...cluster.pve.cluster.vms.keys()].toSorted()).toEqual([101, 102, 9001, 9003, 9004]);
  const { stdout } = await project.template("list");
  expect(stdout).toMatch(/^9001 +nixos-26\.05-v1 +pve1 +seabios +0 d +- +101 +-$/m);
  expect(stdout).toMatch(/^9003 +nixos-26\.05-v3 +pve1 +seabios +0 d +nixos +- +-$/m);
});

test("What the server refuses to remove stays, is told, and makes the command fail.", async () => {
  const cluster = await startTemplateCluster({}, { templates, storages });
  const old = cluster.pve.cluster.vms.get(9001);
  if (old !== undefined) old.config["protection"] = 1;
  const project = await makeTemplateProject(cluster, {});
  const { exitCode, stderr } = await project.template("prune", "--keep", "3", "--yes");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/not removed: nixos-26\.05-v1 \(9001\): .*protection/);
  expect(cluster.pve.cluster.vms.has(9001)).toBe(true);
});
