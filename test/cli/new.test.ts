import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ApiAnswers, goodToken, startApi } from "../proxmox/api-server.ts";
import type { Project } from "./project.ts";
import { machine, makeSpecs } from "./specs-project.ts";

async function readSpec(project: Project, file: string): Promise<unknown> {
  return JSON.parse(await project.read(`vm-specs/${file}`));
}

test("A new spec has the next free VMID and address, and takes the rest from defaults and neighbours.", async () => {
  const project = await makeSpecs({ "demo/web-1.json": machine(100, 2), "demo/web-2.json": machine(102, 4) });
  const run = await project.run(["new", "demo/web-3"]);
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toMatch(/^vm-specs\/demo\/web-3\.json\n\{(.*\n)*\}\nNext: nixherd plan demo$/);
  expect(run.stderr).toBe("The cluster was not asked for free VMIDs: PROXMOX_VE_ENDPOINT is not set.");
  expect(await readSpec(project, "demo/web-3.json")).toEqual({
    $schema: "../../specs/vm-spec.schema.json",
    vmId: 101,
    disks: [{ slot: "virtio0", sizeGiB: 4, datastore: "local-lvm" }],
    networks: [{ bridge: "vmbr1", ipv4: { address: "10.0.20.3/29", gateway: "10.0.20.1" } }],
  });
  expect((await project.run(["validate"])).stdout).toBe("3 machines in 1 stack: all valid.");
});

test("What the command line says is written.", async () => {
  const project = await makeSpecs({});
  await project.write(
    "keys/ops.pub",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBEjJzbaXYzCOZOO2AhHjmvUGF4a2wFiNpXHJzaAyIlv ops\n",
  );
  const options =
    "--node pve2 --template nixos-26.05 --cores 4 --memory 8192 --disk 40 --datastore ceph --bridge vmbr9";
  const address = "--address 10.9.0.5/24 --gateway 10.9.0.1 --ssh-key-file keys/ops.pub";
  const run = await project.run(["new", "lab/db-1", ...options.split(" "), ...address.split(" ")]);
  expect(run.exitCode).toBe(0);
  expect(await readSpec(project, "lab/db-1.json")).toEqual({
    $schema: "../../specs/vm-spec.schema.json",
    vmId: 100,
    node: "pve2",
    template: "nixos-26.05",
    cpu: { cores: 4 },
    memory: { sizeMiB: 8192 },
    disks: [{ slot: "virtio0", sizeGiB: 40, datastore: "ceph" }],
    networks: [{ bridge: "vmbr9", ipv4: { address: "10.9.0.5/24", gateway: "10.9.0.1" } }],
    access: { sshKeyFiles: ["keys/ops.pub"] },
  });
});

test("What the defaults say of the network and the disks is kept.", async () => {
  const networks = [{ bridge: "vmbr7", vlan: 20, mtu: 9000, ipv4: { dhcp: true } }];
  const disks = [{ slot: "virtio0", sizeGiB: 16, datastore: "ceph" }];
  const project = await makeSpecs({
    "demo/_defaults.json": { networks, disks },
    "lab/_defaults.json": { networks, disks },
  });
  await project.run(["new", "demo/web-1"]);
  expect(await readSpec(project, "demo/web-1.json")).toEqual({
    $schema: "../../specs/vm-spec.schema.json",
    vmId: 100,
    networks: [{ bridge: "vmbr7", vlan: 20, mtu: 9000, ipv4: { address: "10.0.20.2/29" } }],
  });
  await project.run(["new", "lab/web-2"]);
  expect(await readSpec(project, "lab/web-2.json")).toEqual({
    $schema: "../../specs/vm-spec.schema.json",
    vmId: 101,
  });
});

test("An existing spec is never overwritten.", async () => {
  const project = await makeSpecs({ "demo/web-1.json": machine(100, 2) });
  const before = await project.read("vm-specs/demo/web-1.json");
  const run = await project.run(["new", "demo/web-1"]);
  expect(run).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error SPEC_EXISTS: vm-specs\/demo\/web-1\.json/),
  });
  expect(await project.read("vm-specs/demo/web-1.json")).toBe(before);
});

test("A spec that would not be valid is not kept, and neither is a folder made for it.", async () => {
  const project = await makeSpecs({});
  const run = await project.run(["new", "lab/web-1", "--datastore", "local-lvm", "--address", "10.0.0.5"]);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toMatch(
    /error INVALID_INPUT: Such a spec would not be valid, so it was not kept:\n {2}vm-specs\/lab\/web-1\.json:/,
  );
  expect(existsSync(join(project.root, "vm-specs/lab"))).toBe(false);
});

test.each(["demo/_web", "demo/web_1", "../web", "Demo!/web", "demo/.."])(
  "%s is no name for a machine, and nothing is written.",
  async (name) => {
    const project = await makeSpecs({});
    expect(await project.run(["new", name, "--datastore", "x"])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("error USAGE: A machine cannot be called"),
    });
    expect(existsSync(join(project.root, "vm-specs/demo"))).toBe(false);
  },
);

test("Specs with problems are to be corrected first.", async () => {
  const project = await makeSpecs({ "demo/web-1.json": machine(100, 2, { colour: "blue" }) });
  expect(await project.run(["new", "demo/web-2"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(
      /^error INVALID_INPUT: The specs that are there have problems:\n {2}vm-specs\/demo\/web-1\.json:\/colour/,
    ),
  });
});

test("A full range of VMIDs, a full pool and a missing datastore say what is missing.", async () => {
  const full = [100, 101, 102, 103, 104].map((vmId) => [`demo/web-${vmId}.json`, machine(vmId, vmId - 98)]);
  const project = await makeSpecs(Object.fromEntries(full));
  expect((await project.run(["new", "demo/web-9"])).stderr).toContain(
    "error NO_FREE_VMID: No VMID from 100 to 104 is free.",
  );
  await project.write(
    "vm-specs/_site.json",
    (await project.read("vm-specs/_site.json")).replace("104", "110"),
  );
  expect((await project.run(["new", "demo/web-9"])).stderr).toContain("error NO_FREE_ADDRESS: ");
  const empty = await makeSpecs({});
  expect((await empty.run(["new", "demo/web-9"])).stderr).toMatch(
    /error USAGE: .*the machine's datastore.*\n {2}-> Add --datastore\.$/,
  );
});

/** A cluster with machine 100, and with 101 which the token may not see. */
const cluster: ApiAnswers = (path) => {
  if (path === "nodes") return { data: [{ node: "pve1", status: "online" }] };
  if (path === "nodes/pve1/qemu") return { data: [{ vmid: 100, name: "foreign" }] };
  if (path === "cluster/resources?type=vm") return { data: [] };
  const vmId = Number(path.replace("cluster/nextid?vmid=", ""));
  if (vmId > 101) return { data: String(vmId) };
  const body = JSON.stringify({ data: null, errors: { vmid: `VM ${vmId} already exists` } });
  return { status: 400, reason: "Parameter verification failed.", body };
};

test("A VMID that is taken on the cluster is not chosen, even if its machine is hidden from the token.", async () => {
  const { access } = await startApi(cluster);
  const project = await makeSpecs({});
  const env = {
    PROXMOX_VE_ENDPOINT: access.endpoint,
    PROXMOX_VE_API_TOKEN: goodToken,
    SSL_CERT_FILE: access.caFile ?? "",
  };
  const run = await project.run(["new", "demo/web-1", "--datastore", "local-lvm"], env);
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await readSpec(project, "demo/web-1.json")).toMatchObject({ vmId: 102 });
});

test("A cluster that cannot be asked is told, and the spec is written all the same.", async () => {
  const project = await makeSpecs({});
  const env = { PROXMOX_VE_ENDPOINT: "https://127.0.0.1:1", PROXMOX_VE_API_TOKEN: goodToken };
  const run = await project.run(["new", "demo/web-1", "--datastore", "local-lvm"], env);
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toMatch(
    /^The cluster could not be asked for free VMIDs \(CLUSTER_UNREACHABLE\): .*ECONNREFUSED/,
  );
  expect(await readSpec(project, "demo/web-1.json")).toMatchObject({ vmId: 100 });
});
