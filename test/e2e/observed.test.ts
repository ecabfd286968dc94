import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callApi } from "./call-api.ts";
import { machine, site } from "./machine-specs.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

const nixherd = resolve("cli/nixherd.js");
let repository: TestRepository;

const run = (...args: string[]) => repository.run("node", [nixherd, ...args]);
const change = (vmId: number, params: Record<string, string>) =>
  callApi(repository, "PUT", `nodes/pve1/qemu/${vmId}/config`, params);

beforeAll(async () => {
  const [binary = "tofu"] = terraformBinaries();
  repository = await createTestRepository(binary, {
    _site: site,
    "demo/web-1": machine(101, { nixos: false }),
    "demo/web-2": machine(102, { nixos: false }),
  });
  repository.write("scripts/hooks/post-apply.sh", "#!/usr/bin/env bash\nexit 0\n");
  const applied = await run("apply", "--yes");
  expect(applied.exitCode, applied.all).toBe(0);
});

afterAll(() => repository?.close());

test("A plan of machines that nobody touched says nothing beside itself.", async () => {
  const plan = await run("plan");
  expect(plan.exitCode, plan.all).toBe(0);
  expect(plan.all).not.toMatch(/seen on the cluster|tag nixherd/);
});

test("What was done outside, and no plan of Terraform shows, stands beside the plan.", async () => {
  await change(101, { memory: "1536", nameserver: "10.0.20.1" });
  await change(101, { virtio5: "local-lvm:1" });
  await callApi(repository, "POST", "nodes/pve1/qemu/102/status/suspend");

  const plan = await run("plan");
  const { all } = plan;
  expect(all).toMatch(/web-1 \(101\): .*memory.* waits? for a reboot to take effect/);
  expect(all).toContain("web-1 (101): virtio5 is a drive that the spec does not have; it is left alone");
  expect(all).toContain("web-1 (101): nameserver stays set, though the spec has no dns");
  expect(all).toContain("web-2 (102): is paused, which counts as running");
});

test("A machine of ours that no stack knows is named, with whole plans only.", async () => {
  const stranger = { vmid: "150", name: "lost", tags: "nixherd;old", memory: "512" };
  await callApi(repository, "POST", "nodes/pve1/qemu", stranger);
  expect((await run("plan")).all).toContain("?   lost (150) on pve1");
  expect((await run("plan", "demo")).all).not.toContain("lost (150)");
});

test("A cluster that cannot be looked at is a note, and the plan stands.", async () => {
  const plan = await repository.run("env", ["PROXMOX_VE_API_TOKEN=", "node", nixherd, "plan"]);
  expect(plan.all).toContain(
    "The cluster was not looked at beside the plan: PROXMOX_VE_API_TOKEN is not set.",
  );
  expect([0, 3]).toContain(plan.exitCode);
});
