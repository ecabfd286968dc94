import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setFaults } from "../../embedded/pve/faults/set-faults.ts";
import { machine, site } from "./machine-specs.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

let repository: TestRepository;
const apply = (...args: string[]) =>
  repository.run("node", [resolve("cli/nixherd.js"), "apply", "demo", "--yes", ...args]);
const isRunning = () => repository.cluster.vms.get(101)?.process !== undefined;

beforeAll(async () => {
  const [binary = "tofu"] = terraformBinaries();
  repository = await createTestRepository(binary, {
    _site: site,
    "demo/web-1": machine(101, { nixos: false }),
  });
  // What runs inside the machine has tests of its own.
  repository.write("scripts/hooks/post-apply.sh", "#!/usr/bin/env bash\nexit 0\n");
  const applied = await apply();
  expect(applied.exitCode, applied.all).toBe(0);
});

afterAll(() => repository?.close());

test("a machine that does not start again after its change is told, and the command that is told starts it", async () => {
  const exitStatus = "MAX 2 vcpus allowed per VM on this node";
  setFaults(repository.cluster, { seed: 0, rules: [{ fault: "task-failure", task: "qmstart", exitStatus }] });
  repository.write("vm-specs/demo/web-1.json", machine(101, { nixos: false, memory: { sizeMiB: 2048 } }));
  const failed = await apply();
  expect(failed.exitCode, failed.all).toBe(1);
  expect(failed.all).toContain(exitStatus);
  expect(failed.all).toMatch(/demo: web-1 \(101\) was stopped for its change and stands still\./);
  expect(isRunning()).toBe(false);

  setFaults(repository.cluster, { seed: 0, rules: [] });
  const [, words = ""] = /nixherd apply (demo --target 101) starts it/.exec(failed.all) ?? [];
  const started = await apply(...words.split(" ").slice(1));
  expect(started.exitCode, started.all).toBe(0);
  expect(isRunning()).toBe(true);
});

test("a change that a lock stops once is tried again by the same run, and nothing is left standing", async () => {
  setFaults(repository.cluster, { seed: 0, rules: [{ fault: "task-failure", task: "qmstart", count: 1 }] });
  repository.write("vm-specs/demo/web-1.json", machine(101, { nixos: false, memory: { sizeMiB: 1536 } }));
  const applied = await apply();
  expect(applied.exitCode, applied.all).toBe(0);
  expect(applied.all).toContain("(LOCK_TIMEOUT) Trying again");
  expect(applied.all).not.toContain("stands still");
  expect(isRunning()).toBe(true);
});
