import { expect, test } from "vitest";
import { entry, stackOf, synthesized } from "./synthesized.ts";

test("a template is looked up by its name among templates only", () => {
  const { proxmox_virtual_environment_vms: lookups } = synthesized(stackOf([{}]))["data"];
  expect(lookups["template-nixos"].filter).toEqual([
    { name: "template", values: ["true"] },
    { name: "name", values: ["nixos-26.05-v1"] },
  ]);
});

test("none or several matches stop the plan with the key, what was sought and what to do", () => {
  const { proxmox_virtual_environment_vms: lookups } = synthesized(stackOf([{}]))["data"];
  const [condition] = lookups["template-nixos"].lifecycle.postcondition;
  expect(condition.condition).toBe(`\${length(self.vms) == 1}`);
  expect(condition.error_message).toMatch(/^Golden template nixos: .*name nixos-26.05-v1.*_site\.json\.$/);
});

test("a machine is cloned from where its template was found", () => {
  const vm = synthesized(stackOf([{}]))["resource"].proxmox_virtual_environment_vm["vm-101"];
  const found = "data.proxmox_virtual_environment_vms.template-nixos.vms[0]";
  expect(vm.clone).toEqual({ full: true, vm_id: `\${${found}.vm_id}`, node_name: `\${${found}.node_name}` });
});

test("a tag and a node narrow the search", () => {
  const byTag = { tag: "golden", node: "pve2", rootDisk: entry.rootDisk };
  const { proxmox_virtual_environment_vms: lookups } = synthesized(stackOf([{}], byTag))["data"];
  expect(lookups["template-nixos"]).toMatchObject({ tags: ["golden"], node_name: "pve2" });
});

test("a template named by its VMID is not looked up", () => {
  const json = synthesized(stackOf([{}], { vmId: 9000, rootDisk: entry.rootDisk }));
  expect(json).not.toHaveProperty("data");
  expect(json["resource"].proxmox_virtual_environment_vm["vm-101"].clone).toMatchObject({
    vm_id: 9000,
    node_name: "pve1",
  });
});

test("one look-up serves all machines of a stack", () => {
  const json = synthesized(stackOf([{ vmId: 101 }, { vmId: 102 }]));
  expect(Object.keys(json["data"].proxmox_virtual_environment_vms)).toEqual(["template-nixos"]);
});
