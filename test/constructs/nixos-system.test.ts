import { expect, test } from "vitest";
import type { NixosVmProps } from "../../constructs/nixos-vm.ts";
import { smallest, stackOf, synthesized } from "./synthesized.ts";

function hookOf(machine: Partial<NixosVmProps>) {
  return synthesized(stackOf([machine]))["resource"].terraform_data["nixos-101"];
}

const specTrigger = (machine: Partial<NixosVmProps>) => hookOf(machine).triggers_replace.spec;

test("the NixOS step waits for its machine and is made anew with it", () => {
  expect(hookOf({})).toMatchObject({
    depends_on: ["proxmox_virtual_environment_vm.vm-101"],
    triggers_replace: { machine: `\${proxmox_virtual_environment_vm.vm-101.id}`, source: "abc" },
  });
});

test.each<[string, Partial<NixosVmProps>]>([
  ["another name", { name: "other" }],
  ["another module setting", { nixos: { settings: { domain: "example.org" } } }],
  ["another own hook", { hooks: { postApply: ["scripts/setup"] } }],
  ["another user", { access: { sshKeys: [...smallest.access.sshKeys], user: "ops" } }],
])("%s runs the hook again", (_, change) => {
  expect(specTrigger(change)).not.toBe(specTrigger({}));
});

test.each<[string, Partial<NixosVmProps>]>([
  ["more memory", { memory: { sizeMiB: 4096 } }],
  ["a tag", { tags: ["web"] }],
  ["a larger disk", { disks: [{ slot: "virtio0", sizeGiB: 99, datastore: "local-lvm" }] }],
])("%s does not run the hook", (_, change) => {
  expect(specTrigger(change)).toBe(specTrigger({}));
});

test("the hook gets the machine's data in its environment, and no secret", () => {
  const [{ "local-exec": hook }] = hookOf({ nixos: { attribute: "web", action: "boot" } }).provisioner;
  expect(hook).toMatchObject({ command: "scripts/hooks/post-apply.sh", working_dir: "../../.." });
  expect(hook.environment).toMatchObject({
    NIXHERD_VM_ID: "101",
    NIXHERD_ADDRESS: "10.0.20.11",
    NIXHERD_ATTRIBUTE: "web",
    NIXHERD_ACTION: "boot",
    NIXHERD_NODE: `\${proxmox_virtual_environment_vm.vm-101.node_name}`,
  });
  expect(Object.keys(hook.environment).filter((name) => /TOKEN|PASSWORD|SECRET/.test(name))).toEqual([]);
});

test("a machine whose inside is left alone runs its own hooks only", () => {
  const [{ "local-exec": hook }] = hookOf({
    nixos: false,
    hooks: { postApply: ["scripts/setup"] },
  }).provisioner;
  expect(hook.environment).toMatchObject({ NIXHERD_NIXOS: "false", NIXHERD_POST_APPLY: '["scripts/setup"]' });
  expect(hook.environment).not.toHaveProperty("NIXHERD_FLAKE");
});
