import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { resourceTypes } from "../../../embedded/provider/provider-types.ts";
import type { RunningPve } from "../../../embedded/pve/start-pve.ts";
import { createClient } from "../pve/api-client.ts";
import { machine, openTerraformLab } from "./terraform-lab.ts";

const terabyte = 1024 ** 4;
const local = { shared: false, totalBytes: terabyte };
const lab = await openTerraformLab();
const pve = await lab.startServer({
  delays: { taskMs: 1, statusRoundMs: 0 },
  storages: [
    { ...local, name: "local", style: "dir", content: ["iso", "import", "snippets", "backup"] },
    { ...local, name: "local-lvm", style: "lvmthin", content: ["images", "rootdir"] },
    { ...local, name: "tank", style: "zfspool", content: ["images", "rootdir"] },
  ],
  templates: [{ vmid: 9000, name: "golden", node: "pve1", storage: "tank" }],
});
const sources = await mkdtemp(join(tmpdir(), "sources-"));
const web = createServer((_request, response) => response.end("an image"));
await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));

afterAll(async () => {
  await lab.close();
  web.close();
  await rm(sources, { recursive: true });
});

/** The value of an attribute of the one resource of a type. */
function ref(type: string, attribute: string): string {
  return `\${${type}.x.${attribute}}`;
}

const vm = ref("proxmox_virtual_environment_vm", "vm_id");
const sid = ref("proxmox_haresource", "resource_id");
const ofVm = { node_name: "pve1", vm_id: vm };
const rule = { type: "in", action: "ACCEPT", dport: "22", proto: "tcp" };

/** One of everything that a server of this version takes. */
function everything(path: string, url: string): Readonly<Record<string, { readonly x: object }>> {
  const all: Readonly<Record<string, object>> = {
    proxmox_acl: {
      path: "/vms",
      role_id: "PVEAuditor",
      user_id: ref("proxmox_virtual_environment_user", "user_id"),
    },
    proxmox_backup_job: { id: "nightly", schedule: "02:30", storage: "local", vmid: [vm] },
    proxmox_download_file: {
      node_name: "pve1",
      datastore_id: "local",
      content_type: "iso",
      file_name: "b.iso",
      url,
    },
    proxmox_hardware_mapping_dir: {
      name: "share",
      map: ["pve1", "pve2"].map((node) => ({ node, path: "/srv/share" })),
    },
    proxmox_hardware_mapping_pci: {
      name: "gpu",
      map: [{ node: "pve1", id: "8086:5916", path: "0000:00:02.0", iommu_group: 1 }],
    },
    proxmox_hardware_mapping_usb: { name: "stick", map: [{ node: "pve1", id: "8087:0a2b" }] },
    proxmox_haresource: { resource_id: `vm:${vm}`, state: "ignored" },
    proxmox_harule: { rule: "near", type: "node-affinity", resources: [sid], nodes: { pve1: 2, pve2: null } },
    proxmox_node_firewall: { node_name: "pve2", enabled: false },
    proxmox_pool_membership: {
      pool_id: ref("proxmox_virtual_environment_pool", "pool_id"),
      storage_id: "local",
    },
    proxmox_replication: { id: `${vm}-0`, target: "pve2", type: "local" },
    proxmox_user_token: { user_id: ref("proxmox_virtual_environment_user", "user_id"), token_name: "ci" },
    proxmox_virtual_environment_cluster_firewall: { enabled: false, input_policy: "ACCEPT" },
    proxmox_virtual_environment_cluster_firewall_security_group: { name: "web", rule: [rule] },
    proxmox_virtual_environment_file: { node_name: "pve1", datastore_id: "local", source_file: [{ path }] },
    proxmox_virtual_environment_firewall_alias: { name: "gw", cidr: "10.0.0.0/24" },
    proxmox_virtual_environment_firewall_ipset: { name: "lan", cidr: [{ name: "10.0.0.0/8" }] },
    proxmox_virtual_environment_firewall_options: { ...ofVm, enabled: true },
    proxmox_virtual_environment_firewall_rules: { ...ofVm, rule: [rule, { ...rule, dport: "80" }] },
    proxmox_virtual_environment_group: { group_id: "ops" },
    proxmox_virtual_environment_hosts: {
      node_name: "pve1",
      entry: [{ address: "127.0.0.1", hostnames: ["localhost"] }],
    },
    proxmox_virtual_environment_pool: { pool_id: "prod" },
    proxmox_virtual_environment_role: { role_id: "Deployer", privileges: ["VM.Audit", "VM.Clone"] },
    proxmox_virtual_environment_user: {
      user_id: "ann@pve",
      groups: [ref("proxmox_virtual_environment_group", "group_id")],
    },
    proxmox_virtual_environment_vm: machine(101, { started: false }),
  };
  return Object.fromEntries(Object.entries(all).map(([type, x]) => [type, { x }]));
}

async function fileNames({ tokens }: RunningPve): Promise<readonly string[]> {
  const client = createClient(pve, Object.values(tokens)[0]);
  const { data } = await client("GET", "/nodes/pve1/storage/local/content");
  return (data as readonly { readonly volid: string }[]).map(({ volid }) => volid).sort();
}

describe("every resource of the stand-in", () => {
  test("is made on the embedded server, found unchanged, and destroyed", async () => {
    const path = join(sources, "a.iso");
    await writeFile(path, "another image");
    const resource = everything(path, `http://127.0.0.1:${(web.address() as AddressInfo).port}/b`);
    // Servers since 9.0 refuse groups.
    expect(Object.keys(resource).toSorted()).toEqual(
      [...resourceTypes.keys()].filter((type) => type !== "proxmox_hagroup").toSorted(),
    );
    const { write, run } = await lab.workspace(pve);
    await write({ resource });
    const flags = ["-no-color", "-input=false"];
    const apply = await run("apply", ...flags, "-auto-approve");
    expect(apply.exitCode, apply.all).toBe(0);
    expect(await fileNames(pve)).toEqual(["local:iso/a.iso", "local:iso/b.iso"]);
    const plan = await run("plan", ...flags, "-detailed-exitcode");
    expect(plan.exitCode, plan.all).toBe(0);
    const destroy = await run("destroy", ...flags, "-auto-approve");
    expect(destroy.exitCode, destroy.all).toBe(0);
    expect(await fileNames(pve)).toEqual([]);
    expect([...pve.cluster.vms.keys()]).toEqual([9000]);
  });
});
