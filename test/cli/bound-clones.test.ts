import { expect, test } from "vitest";
import { boundClones } from "../../cli/pipeline/bound-clones.ts";

/** A stack that clones machines; each is given by its template and its datastore. */
function stack(name: string, ...clones: readonly (readonly [template: number, datastore: string])[]) {
  const resource_changes = clones.map(([vm_id, datastore_id], index) => ({
    address: `proxmox_virtual_environment_vm.vm-${100 + index}`,
    mode: "managed" as const,
    type: "proxmox_virtual_environment_vm",
    change: {
      actions: ["create"],
      before: null,
      after: { clone: [{ vm_id }], disk: [{ datastore_id }] },
    },
  }));
  return { name, planJson: { resource_changes } };
}

const bounds = { parallelism: 4, clonesAtOnce: 8, stacksAtOnce: 4 };

test("one stack alone works on as many machines as it may, and clones no more than are allowed", () => {
  const alone = [stack("a", [9000, "local"])];
  expect(boundClones(alone, bounds).parallelismOf("a")).toBe(4);
  expect(boundClones(alone, { ...bounds, clonesAtOnce: 3 }).parallelismOf("a")).toBe(3);
});

test("stacks that clone one template share its bound, and so do those that clone onto one datastore", () => {
  const template = ["a", "b", "c", "d"].map((name, index) => stack(name, [9000, `store-${index}`]));
  const datastore = ["a", "b", "c", "d"].map((name, index) => stack(name, [9000 + index, "local"]));
  for (const stacks of [template, datastore]) {
    expect(stacks.map(({ name }) => boundClones(stacks, bounds).parallelismOf(name))).toEqual([2, 2, 2, 2]);
  }
});

test("a stack that clones nothing, or from elsewhere, is not held back", () => {
  const stacks = [
    stack("a", [9000, "local"]),
    stack("b", [9000, "local"]),
    stack("c", [9000, "local"]),
    stack("d"),
  ];
  const lanes = boundClones([...stacks, stack("e", [9001, "ceph"])], { ...bounds, clonesAtOnce: 3 });
  expect(["a", "b", "c", "d", "e"].map(lanes.parallelismOf)).toEqual([1, 1, 1, 4, 3]);
});

test("fewer stacks are applied at once where even one machine of each would be too many", () => {
  const stacks = ["a", "b", "c", "d"].map((name) => stack(name, [9000, "local"]));
  const lanes = boundClones(stacks, { ...bounds, clonesAtOnce: 2 });
  expect(lanes.stacksAtOnce).toBe(2);
  expect(lanes.parallelismOf("a")).toBe(1);
});
