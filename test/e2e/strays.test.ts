import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callApi } from "./call-api.ts";
import { machine, site } from "./machine-specs.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

const nixherd = resolve("cli/nixherd.js");
const [binary = "tofu"] = terraformBinaries();
let repository: TestRepository;

const run = (...args: string[]) => repository.run("node", [nixherd, ...args]);
const plain = (vmId: number, more: object = {}) => machine(vmId, { nixos: false, ...more });
const forget = (vmId: number) =>
  repository.run(
    binary,
    ["state", "rm", `proxmox_virtual_environment_vm.vm-${vmId}`],
    "cdktf.out/stacks/demo",
  );

async function vmIds(): Promise<number[]> {
  const machines = (await callApi(repository, "GET", "nodes/pve1/qemu")) as { vmid: number }[];
  return machines.map(({ vmid }) => vmid).toSorted((left, right) => left - right);
}

beforeAll(async () => {
  const specs = { _site: site, "demo/web-1": plain(101), "demo/lost": plain(150, { cpu: { cores: 2 } }) };
  repository = await createTestRepository(binary, specs);
  repository.write("scripts/hooks/post-apply.sh", "#!/usr/bin/env bash\nexit 0\n");
  const applied = await run("apply", "--yes");
  expect(applied.exitCode, applied.all).toBe(0);
  repository.remove("vm-specs/demo/lost.json");
  expect((await forget(150)).exitCode).toBe(0);
});

afterAll(() => repository?.close());

test("A stray without a spec is named by the plan, is not adopted, and gets a draft of one.", async () => {
  const plan = await run("plan");
  expect(plan.all).toContain("?   lost (150) on pve1");
  expect(plan.all).toContain("nixherd adopt <vmId> takes one over, nixherd remove <vmId> ends it");
  const refused = await run("adopt", "150", "--yes");
  expect(refused.exitCode, refused.all).toBe(1);
  expect(refused.all).toContain("error NOT_ADOPTABLE: No spec describes a machine with VMID 150.");

  const drafted = await run("adopt", "150", "--stack", "demo", "--draft");
  expect(drafted.exitCode, drafted.all).toBe(0);
  const spec = JSON.parse(readFileSync(join(repository.root, "vm-specs/demo/lost.json"), "utf8"));
  expect(spec).toMatchObject({
    vmId: 150,
    node: "pve1",
    cpu: { cores: 2 },
    memory: { sizeMiB: 1024 },
    disks: [{ slot: "virtio0", sizeGiB: 8, datastore: "local-lvm" }],
    networks: [{ bridge: "vmbr0", ipv4: { address: "10.0.20.150/24", gateway: "10.0.20.254" } }],
  });
});

test("A machine that the next apply would replace is not left in the state.", async () => {
  repository.write(
    "vm-specs/demo/lost.json",
    plain(150, { template: { name: "nixos", replaceOnChange: true } }),
  );
  const refused = await run("adopt", "150", "--yes");
  expect(refused.exitCode, refused.all).toBe(1);
  expect(refused.all).toMatch(/error NOT_ADOPTABLE: An apply would replace lost \(150\) because of clone/);
  const state = readFileSync(join(repository.root, "terraform.demo.tfstate"), "utf8");
  expect(state).not.toContain("vm-150");
  expect(await vmIds()).toContain(150);
});

test("A stray is adopted as its spec describes it, and is none any more.", async () => {
  repository.write("vm-specs/demo/lost.json", plain(150, { cpu: { cores: 2 } }));
  const adopted = await run("adopt", "150", "--yes");
  expect(adopted.exitCode, adopted.all).toBe(0);
  expect(adopted.all).toMatch(/lost \(150\) on pve1: update/);
  const applied = await run("apply", "--yes");
  expect(applied.exitCode, applied.all).toBe(0);
  expect(await vmIds()).toEqual([101, 150, 9000]);
  // An address that was read after the update is news to an output, and to nothing else.
  expect((await run("plan")).all).toMatch(/demo: (no changes|only outputs)/);
  const again = await run("adopt", "150", "--yes");
  expect(again.all).toContain(
    "error NOT_ADOPTABLE: lost (150) on pve1 is no stray: the state of stack demo knows it.",
  );
});

test("Only a stray with our mark is removed: no template, nothing that a state knows, nothing foreign or protected.", async () => {
  const make = (vmid: number, more: Record<string, string>) =>
    callApi(repository, "POST", "nodes/pve1/qemu", { vmid: String(vmid), memory: "512", ...more });
  await make(160, { name: "foreign" });
  await make(161, { name: "kept", tags: "nixherd", protection: "1" });
  await make(162, { name: "left", description: "Made by nixherd from vm-specs/demo/left.json" });

  for (const [vmId, words] of [
    [101, "NOT_REMOVABLE: web-1 (101) on pve1 is no stray"],
    [9000, "NOT_REMOVABLE: nixos-26.05-v1 (9000) on pve1 is a template"],
    [160, "NOT_REMOVABLE: foreign (160) on pve1 has neither the tag nor the description"],
    [161, "VM_PROTECTED: kept (161) on pve1"],
  ] as const) {
    const refused = await run("remove", String(vmId), "--yes");
    expect(refused.exitCode, refused.all).toBe(1);
    expect(refused.all).toContain(words);
  }
  const removed = await run("remove", "162", "--yes");
  expect(removed.exitCode, removed.all).toBe(0);
  expect(await vmIds()).toEqual([101, 150, 160, 161, 9000]);
});
