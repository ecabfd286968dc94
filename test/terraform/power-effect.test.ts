import { expect, test } from "vitest";
import { powerEffect } from "../../terraform/power-effect.ts";
import { summarizePlan } from "../../terraform/stack-plan.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** What an update of a running machine from `before` to `after` does to its power, by way of a plan's JSON. */
function effectOf(before: Attributes, after: Attributes) {
  const running = { vm_id: 101, started: true };
  const change = {
    actions: ["update"],
    before: { ...running, ...before },
    after: { ...running, ...after },
  };
  const address = "proxmox_virtual_environment_vm.vm-101";
  const type = "proxmox_virtual_environment_vm";
  const facts = { stack: "demo", isDestroy: false, hasChanges: true };
  const plan = summarizePlan(facts, { resource_changes: [{ address, mode: "managed", type, change }] });
  const [machine] = plan.machines;
  return { power: machine?.power, because: machine?.powerBecauseOf };
}

test.each([
  ["name", { name: "a" }, { name: "b" }],
  ["tags", { tags: ["a"] }, { tags: ["b"] }],
  ["a network device", { network_device: [{ bridge: "vmbr0" }] }, { network_device: [{ bridge: "vmbr1" }] }],
  [
    "a disk's growth",
    { disk: [{ interface: "virtio0", size: 8 }] },
    { disk: [{ interface: "virtio0", size: 9 }] },
  ],
  [
    "memory that grows where it may be plugged",
    { hotplug: "memory,disk", memory: [{ dedicated: 1024 }] },
    { hotplug: "memory,disk", memory: [{ dedicated: 2048 }] },
  ],
  [
    "processors that are plugged where they may be",
    { hotplug: "1", cpu: [{ cores: 4, hotplugged: 2 }] },
    { hotplug: "1", cpu: [{ cores: 4, hotplugged: 3 }] },
  ],
])("A change of %s is live.", (_, before, after) => {
  expect(effectOf(before, after)).toEqual({ power: "none", because: [] });
});

test.each<[string, Attributes, Attributes, string[]]>([
  ["memory", { memory: [{ dedicated: 1024 }] }, { memory: [{ dedicated: 2048 }] }, ["memory[0].dedicated"]],
  [
    "memory that shrinks, hot-plug or not,",
    { hotplug: "1", memory: [{ dedicated: 2048 }] },
    { hotplug: "1", memory: [{ dedicated: 1024 }] },
    ["memory[0].dedicated"],
  ],
  ["cores", { cpu: [{ cores: 1 }], name: "a" }, { cpu: [{ cores: 2 }], name: "b" }, ["cpu[0].cores"]],
  [
    "an address",
    { initialization: [{ ip_config: [{ ipv4: [{ address: "10.0.0.1/24" }] }] }] },
    { initialization: [{ ip_config: [{ ipv4: [{ address: "10.0.0.2/24" }] }] }] },
    ["initialization[0].ip_config[0].ipv4[0].address"],
  ],
  [
    "a disk's datastore",
    { disk: [{ interface: "virtio0", datastore_id: "a" }] },
    { disk: [{ interface: "virtio0", datastore_id: "b" }] },
    ["disk[0].datastore_id"],
  ],
  [
    "a disk's size without hot-plug of disks",
    { hotplug: "network", disk: [{ interface: "virtio0", size: 8 }] },
    { hotplug: "network", disk: [{ interface: "virtio0", size: 9 }] },
    ["disk[0].size"],
  ],
])("A change of %s needs a power cycle, and says for what.", (_, before, after, because) => {
  expect(effectOf(before, after)).toEqual({ power: "power cycle", because });
});

test("A disk that moves up in the list because another one was removed needs no power cycle.", () => {
  const root = { interface: "virtio0", datastore_id: "a", size: 8 };
  const [one, two] = [
    { interface: "virtio1", datastore_id: "b", size: 1 },
    { interface: "virtio2", datastore_id: "c", size: 2 },
  ];
  expect(effectOf({ disk: [root, one, two] }, { disk: [root, two] }).power).toBe("none");
});

test("Where reboots are switched off the new values wait for one.", () => {
  const after = { acpi: false, reboot_after_update: false };
  const effect = effectOf({ acpi: true, reboot_after_update: false }, after);
  expect(effect).toEqual({ power: "reboot later", because: ["acpi"] });
});

test("A stopped machine takes everything over without a power cycle.", () => {
  const change = { actions: ["update"], before: { started: false }, after: { started: false } };
  expect(powerEffect(change, ["acpi"]).effect).toBe("none");
});

test.each([
  [false, true, "start"],
  [true, false, "stop"],
])("From started %s to %s is a %s.", (before, after, effect) => {
  expect(effectOf({ started: before }, { started: after }).power).toBe(effect);
});
