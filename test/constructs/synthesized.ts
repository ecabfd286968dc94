import { ProxmoxProvider } from "@cdktf/provider-proxmox";
import { TerraformStack, Testing } from "cdktf";
import { GoldenTemplate, type TemplateEntry } from "../../constructs/golden-template.ts";
import { NixosSystem } from "../../constructs/nixos-system.ts";
import { NixosVm, type NixosVmProps } from "../../constructs/nixos-vm.ts";

const sshKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGqk1kYq7b4M5b0zOQ2xk8bqP7S0c5V1yM3mX9mT0q2L ops@example";

/** The smallest machine that is complete. */
export const smallest = {
  vmId: 101,
  node: "pve1",
  disks: [{ slot: "virtio0", sizeGiB: 8, datastore: "local-lvm" }],
  networks: [{ bridge: "vmbr0", ipv4: { address: "10.0.20.11/24", gateway: "10.0.20.1" } }],
  access: { sshKeys: [sshKey] },
} as const satisfies Omit<NixosVmProps, "template">;

export const entry: TemplateEntry = {
  name: "nixos-26.05-v1",
  rootDisk: { slot: "virtio0", sizeGiB: 4 },
};

/** A stack as a user would write it in TypeScript, with one template and the given machines, each with its NixOS step. */
export function stackOf(machines: readonly Partial<NixosVmProps>[], templateEntry = entry): TerraformStack {
  const stack = new TerraformStack(Testing.app(), "demo");
  new ProxmoxProvider(stack, "proxmox", {});
  const template = new GoldenTemplate(stack, "template", { key: "nixos", entry: templateEntry });
  for (const [index, machine] of machines.entries()) {
    const vm = new NixosVm(stack, `web-${index}`, { ...smallest, ...machine, template } as NixosVmProps);
    new NixosSystem(stack, `web-${index}-system`, { vm, stack: "demo", source: "abc" });
  }
  return stack;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into Terraform's JSON at any depth.
export type TerraformJson = Record<string, any>;

/** The stack's cdk.tf.json. */
export function synthesized(stack: TerraformStack): TerraformJson {
  return JSON.parse(Testing.synth(stack, true));
}

/** The one machine's resource. */
export function vmOf(machine: Partial<NixosVmProps>): TerraformJson {
  return synthesized(stackOf([machine]))["resource"].proxmox_virtual_environment_vm["vm-101"];
}
