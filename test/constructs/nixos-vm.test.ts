import { TerraformStack, Testing } from "cdktf";
import { expect, test } from "vitest";
import { GoldenTemplate } from "../../constructs/golden-template.ts";
import { NixosVm } from "../../constructs/nixos-vm.ts";
import { entry, smallest, stackOf, synthesized } from "./synthesized.ts";

test("a machine's address in Terraform is its VMID, wherever it stands in the tree", () => {
  const machines = synthesized(stackOf([{ vmId: 101 }, { vmId: 102, name: "other" }]))["resource"];
  expect(Object.keys(machines.proxmox_virtual_environment_vm)).toEqual(["vm-101", "vm-102"]);
  expect(Object.keys(machines.terraform_data)).toEqual(["nixos-101", "nixos-102"]);
});

test("the construct's id is the name of a machine that has none", () => {
  const vms = synthesized(stackOf([{}]))["resource"].proxmox_virtual_environment_vm;
  expect(vms["vm-101"]).toHaveProperty("name", "web-0");
});

test("two machines with one VMID in a stack are refused instead of merged", () => {
  expect(() => stackOf([{ vmId: 101 }, { vmId: 101 }])).toThrow(/another machine with vmId 101/);
});

test("a machine written in TypeScript is checked like a spec file, all problems at once", () => {
  const broken = { disks: [{ slot: "scsi0", sizeGiB: 8, datastore: "local-lvm" }], tags: ["Web"] };
  expect(() => stackOf([broken])).toThrow(
    expect.objectContaining({
      code: "INVALID_INPUT",
      message: expect.stringMatching(/^web-0:\/tags\/0: .*\nweb-0:\/disks: /),
    }),
  );
});

test("an unknown key is refused with the key that was meant", () => {
  expect(() => stackOf([{ memori: { sizeMiB: 512 } } as object])).toThrow(/memory/);
});

test("an address from DHCP becomes an expression over what the agent reports", () => {
  const stack = new TerraformStack(Testing.app(), "demo");
  const template = new GoldenTemplate(stack, "template", { key: "nixos", entry });
  const networks = [{ bridge: "vmbr0", ipv4: { dhcp: true } as const }];
  const vm = new NixosVm(stack, "web", { ...smallest, networks, template });
  expect(vm.address).toContain("proxmox_virtual_environment_vm.vm-101.ipv4_addresses");
});

test("an IPv6 address serves where there is no fixed IPv4 one", () => {
  const stack = new TerraformStack(Testing.app(), "demo");
  const template = new GoldenTemplate(stack, "template", { key: "nixos", entry });
  const networks = [{ bridge: "vmbr0", ipv6: { address: "2001:db8::11/64" } }];
  expect(new NixosVm(stack, "web", { ...smallest, networks, template }).address).toBe("2001:db8::11");
});
