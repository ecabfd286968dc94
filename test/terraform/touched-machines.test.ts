import { expect, test } from "vitest";
import { touchedMachines } from "../../terraform/touched-machines.ts";

const vm = (vmId: number, memory = 1024) => ({ [`vm-${vmId}`]: { vm_id: vmId, memory } });
const step = (vmId: number, spec = "a") => ({ [`nixos-${vmId}`]: { spec } });

function configuration(machines: object, steps: object = {}, more: object = {}) {
  return {
    terraform: { backend: { local: {} } },
    resource: { proxmox_virtual_environment_vm: machines, terraform_data: steps },
    output: { machines: { value: machines } },
    ...more,
  };
}

const two = configuration({ ...vm(101), ...vm(102) }, { ...step(101), ...step(102) });

test("The same configuration touches nothing.", () => {
  expect(touchedMachines(two, structuredClone(two))).toBe("nothing");
});

test("Where a system was built is no difference.", () => {
  const built = (system: object) =>
    configuration(vm(101), { "nixos-101": { environment: { A: "1", ...system } } });
  expect(touchedMachines(built({}), built({ NIXHERD_SYSTEM: "/nix/store/x" }))).toBe("nothing");
});

test.each([
  [
    "a changed machine",
    configuration({ ...vm(101), ...vm(102, 2048) }, { ...step(101), ...step(102) }),
    [102],
  ],
  [
    "a changed NixOS step",
    configuration({ ...vm(101), ...vm(102) }, { ...step(101, "b"), ...step(102) }),
    [101],
  ],
  ["a machine that is gone", configuration(vm(101), step(101)), [102]],
  [
    "a new machine",
    configuration({ ...vm(101), ...vm(102), ...vm(99) }, { ...step(101), ...step(102) }),
    [99],
  ],
  [
    "all of them",
    configuration({ ...vm(101, 1), ...vm(102, 1) }, { ...step(101), ...step(102) }),
    [101, 102],
  ],
])("Of %s only the machines count.", (_, after, vmIds) => {
  expect(touchedMachines(two, after)).toEqual(vmIds);
});

test.each([
  ["the backend", { ...two, terraform: { backend: { pg: {} } } }],
  [
    "a resource of the user's own",
    configuration({ ...vm(101), ...vm(102) }, { ...step(101), ...step(102), own: {} }),
  ],
  ["an output alone", { ...two, output: { machines: { value: 1 } } }],
  ["a stack that is new or gone", undefined],
])("A difference in %s touches everything.", (_, after) => {
  expect(touchedMachines(two, after)).toBe("everything");
  expect(touchedMachines(after, two)).toBe("everything");
});
