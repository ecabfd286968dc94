import { makeProject, type Project } from "./project.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBEjJzbaXYzCOZOO2AhHjmvUGF4a2wFiNpXHJzaAyIlv test";

/** One template, a stack "demo" with a range of VMIDs and a pool, and a stack-less rest. */
const site = {
  templates: { "nixos-26.05": { name: "nixos-26.05-v1", rootDisk: { sizeGiB: 4 } } },
  stacks: { demo: { vmIds: { from: 100, to: 104 }, addressPools: ["10.0.20.0/29"] } },
};

const defaults = { node: "pve1", template: "nixos-26.05", access: { sshKeys: [key] }, nixos: false };

/** A valid machine of stack demo. */
export function machine(vmId: number, lastOctet: number, more: object = {}): object {
  return {
    vmId,
    disks: [{ slot: "virtio0", sizeGiB: 8, datastore: "local-lvm" }],
    networks: [{ bridge: "vmbr1", ipv4: { address: `10.0.20.${lastOctet}/29`, gateway: "10.0.20.1" } }],
    ...more,
  };
}

/** A project with specs; `files` are added to or replace its own, by path below vm-specs/. */
export async function makeSpecs(files: Readonly<Record<string, object | string>>): Promise<Project> {
  const project = await makeProject();
  const all = { "_site.json": site, "_defaults.json": defaults, ...files };
  for (const [file, content] of Object.entries(all)) {
    await project.write(`vm-specs/${file}`, typeof content === "string" ? content : JSON.stringify(content));
  }
  return project;
}
