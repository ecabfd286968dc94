import { expect, test } from "vitest";
import type { PlannedChange } from "../../terraform/show.ts";
import { type StackPlan, summarizePlan } from "../../terraform/stack-plan.ts";
import { machinePlan } from "./plans.ts";

type Change = PlannedChange["change"];

function vm(vmId: number, change: Change, reason?: string): PlannedChange {
  const address = `proxmox_virtual_environment_vm.vm-${vmId}`;
  const base = { address, mode: "managed", type: "proxmox_virtual_environment_vm", change } as const;
  return reason === undefined ? base : { ...base, action_reason: reason };
}

function data(name: string, actions: readonly string[], reason?: string): PlannedChange {
  const change = { actions, before: {}, after: {} };
  const base = {
    address: `terraform_data.${name}`,
    mode: "managed",
    type: "terraform_data",
    change,
  } as const;
  return reason === undefined ? base : { ...base, action_reason: reason };
}

function machine(vmId: number, name: string, more: object = {}): Record<string, unknown> {
  return { vm_id: vmId, name, node_name: "pve1", ...more };
}

function summarize(resources: readonly PlannedChange[], drift: readonly PlannedChange[] = []): StackPlan {
  const facts = { stack: "demo", isDestroy: false, hasChanges: true };
  return summarizePlan(facts, { resource_changes: resources, resource_drift: drift });
}

test("A new machine is created and its NixOS step runs for the first time.", () => {
  const { machines } = summarize([
    data("nixos-101", ["create"]),
    vm(101, { actions: ["create"], before: null, after: machine(101, "web-1"), after_unknown: { id: true } }),
  ]);
  expect(machines).toEqual([machinePlan(101, { name: "web-1", action: "create", nixos: "first" })]);
});

test("An update names the attributes that change, without their values, and what is known later apart.", () => {
  const before = machine(101, "web-1", {
    memory: [{ dedicated: 2048, floating: 0 }],
    disk: [{ size: 20 }],
    initialization: [{ user_account: [{ password: "old" }] }],
    ipv4_addresses: [["10.0.0.1"]],
  });
  const after = machine(101, "web-2", {
    memory: [{ dedicated: 4096, floating: 0 }],
    disk: [{ size: 20 }, { size: 5 }],
    initialization: [{ user_account: [{ password: "new" }] }],
  });
  const after_unknown = { ipv4_addresses: true, disk: [{}, { path_in_datastore: true }] };
  const plan = summarize([vm(101, { actions: ["update"], before, after, after_unknown })]);
  expect(plan.machines).toMatchObject([
    {
      action: "update",
      name: "web-2",
      changedAttributes: [
        "name",
        "memory[0].dedicated",
        "disk[1]",
        "initialization[0].user_account[0].password",
      ],
      unknownAttributes: ["ipv4_addresses"],
    },
  ]);
  expect(JSON.stringify(plan)).not.toMatch(/old|new/);
});

test("Null and the empty values that older providers write for it are no difference.", () => {
  const before = machine(101, "web-1", {
    pool_id: "",
    cpu: [{ flags: [], numa: false, cores: 1 }],
    vga: [{ type: "" }],
  });
  const after = machine(101, "web-1", { pool_id: null, cpu: [{ flags: null, cores: 2 }], vga: [] });
  const plan = summarize([vm(101, { actions: ["update"], before, after })]);
  expect(plan.machines[0]?.changedAttributes).toEqual(["cpu[0].cores"]);
});

test("A replacement says what forces it.", () => {
  const change = {
    actions: ["delete", "create"],
    before: machine(101, "web-1"),
    after: machine(101, "web-1"),
    replace_paths: [["clone", 0, "vm_id"], ["node_name"]],
  };
  const plan = summarize([vm(101, change, "replace_because_cannot_update")]);
  expect(plan.machines).toMatchObject([
    {
      action: "replace",
      replacedBecauseOf: ["clone[0].vm_id", "node_name"],
      reason: "replace_because_cannot_update",
    },
  ]);
});

test("A machine to be destroyed is named as it was.", () => {
  const plan = summarize([vm(102, { actions: ["delete"], before: machine(102, "db-1"), after: null })]);
  expect(plan.machines).toMatchObject([{ vmId: 102, name: "db-1", action: "destroy", nixos: "none" }]);
});

test.each([
  ["first", ["create"], undefined],
  ["changed", ["delete", "create"], "replace_because_cannot_update"],
  ["repeated", ["delete", "create"], "replace_because_tainted"],
  ["none", ["delete"], undefined],
])("On a machine that stays, the NixOS step is: %s.", (nixos, actions, reason) => {
  const still = vm(101, { actions: ["no-op"], before: machine(101, "web-1"), after: machine(101, "web-1") });
  const { machines } = summarize([still, data("nixos-101", actions, reason)]);
  expect(machines.map((touched) => touched.nixos)).toEqual(nixos === "none" ? [] : [nixos]);
});

test("Machines that nothing happens to are left out, the others stand in the order of their VMIDs.", () => {
  const create = (vmId: number) => vm(vmId, { actions: ["create"], before: null, after: machine(vmId, "m") });
  const still = vm(105, { actions: ["no-op"], before: machine(105, "m"), after: machine(105, "m") });
  const plan = summarize([create(1000), still, create(110), create(109)]);
  expect(plan.machines.map(({ vmId }) => vmId)).toEqual([109, 110, 1000]);
});

test("A machine that the state knows and the cluster did not show is marked as gone.", () => {
  const created = vm(101, { actions: ["create"], before: null, after: machine(101, "web-1") });
  const vanished = vm(101, { actions: ["delete"], before: machine(101, "web-1"), after: null });
  expect(summarize([created], [vanished]).machines).toMatchObject([{ action: "create", isGone: true }]);
});

test("Other resources and outputs are listed apart; data sources and unchanged ones are not.", () => {
  const lookUp: PlannedChange = {
    address: "data.proxmox_virtual_environment_vms.template",
    mode: "data",
    type: "proxmox_virtual_environment_vms",
    change: { actions: ["read"], before: null, after: {} },
  };
  const facts = { stack: "demo", isDestroy: false, hasChanges: true };
  const plan = summarizePlan(facts, {
    resource_changes: [
      lookUp,
      data("announce", ["create"]),
      data("quiet", ["no-op"]),
      data("left", ["forget"]),
    ],
    output_changes: { machines: { actions: ["update"] }, same: { actions: ["no-op"] } },
  });
  expect(plan.others.map(({ address, action }) => [address, action])).toEqual([
    ["terraform_data.announce", "create"],
    ["terraform_data.left", "forget"],
  ]);
  expect(plan.outputs).toEqual(["machines"]);
});

test("An empty plan is an empty summary.", () => {
  expect(summarizePlan({ stack: "demo", isDestroy: true, hasChanges: false }, {})).toEqual({
    stack: "demo",
    isDestroy: true,
    hasChanges: false,
    machines: [],
    others: [],
    outputs: [],
    machineCount: 0,
  });
});

test("A machine that gets another name says the one it has; one that is only made has had none.", () => {
  const { machines } = summarize([
    vm(101, { actions: ["update"], before: machine(101, "web-1"), after: machine(101, "front") }),
    vm(102, { actions: ["create"], before: null, after: machine(102, "web-2") }),
  ]);
  expect(machines.map(({ name, renamedFrom }) => [name, renamedFrom])).toEqual([
    ["front", "web-1"],
    ["web-2", undefined],
  ]);
});

test("A machine that ends while one of its name begins has had its vmId changed.", () => {
  const { machines } = summarize([
    vm(101, { actions: ["delete"], before: machine(101, "web-1"), after: null }),
    vm(102, { actions: ["delete"], before: machine(102, "web-2"), after: null }),
    vm(111, { actions: ["create"], before: null, after: machine(111, "web-1") }),
  ]);
  expect(machines.map(({ vmId, renumberedAs }) => [vmId, renumberedAs])).toEqual([
    [101, 111],
    [102, undefined],
    [111, undefined],
  ]);
});

test("A machine that was not shown and that nothing describes any more would be forgotten.", () => {
  const lost = vm(101, { actions: ["delete"], before: machine(101, "web-1"), after: null });
  const { machines } = summarize([], [lost]);
  expect(machines).toEqual([machinePlan(101, { name: "web-1", action: "forget", isGone: true })]);
});

test("A machine's policy is told as the state has it and as the spec says; a change of it alone is a change.", () => {
  const policy = (vmId: number, actions: readonly string[], before: unknown, after: unknown) => ({
    ...data(`policy-${vmId}`, actions),
    change: { actions, before, after },
  });
  const never = { input: { neverDestroy: true } };
  const { machines, others } = summarize([
    vm(101, { actions: ["delete"], before: machine(101, "web-1"), after: null }),
    policy(101, ["delete"], never, null),
    vm(102, { actions: ["no-op"], before: machine(102, "web-2"), after: machine(102, "web-2") }),
    policy(102, ["create"], null, never),
    vm(103, { actions: ["no-op"], before: machine(103, "web-3"), after: machine(103, "web-3") }),
    policy(103, ["no-op"], never, never),
  ]);
  expect(others).toEqual([]);
  expect(machines.map(({ vmId, policy: told }) => [vmId, told])).toEqual([
    [101, { isChanged: true, before: never.input, after: {} }],
    [102, { isChanged: true, before: {}, after: never.input }],
  ]);
});

test("A tainted machine is unfinished if its NixOS step has never run, or if it has none and was begun by us.", () => {
  const [before, after] = [machine(101, "web-1"), machine(101, "web-1")];
  const tainted = vm(101, { actions: ["delete", "create"], before, after }, "replace_because_tainted");
  const isUnfinished = (resources: readonly PlannedChange[], begun: readonly number[] = []) =>
    summarizePlan(
      { stack: "demo", isDestroy: false, hasChanges: true, begun: new Set(begun) },
      { resource_changes: resources },
    ).machines[0]?.isUnfinished;
  expect(isUnfinished([tainted, data("nixos-101", ["create"])])).toBe(true);
  expect(isUnfinished([tainted, data("nixos-101", ["delete", "create"])], [101])).toBe(false);
  expect(isUnfinished([tainted])).toBe(false);
  expect(isUnfinished([tainted], [101])).toBe(true);
  const changed = vm(101, { actions: ["delete", "create"], before, after });
  expect(isUnfinished([changed, data("nixos-101", ["create"])], [101])).toBe(false);
});
