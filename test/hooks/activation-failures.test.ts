import { readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type HookLab, isActivating, openHookLab, readRun, until } from "./hook-lab.ts";

let lab: HookLab;
beforeEach(async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
});
afterEach(() => lab.stop());

const webModule = "nix/hosts/web.nix";
const runningSystem = (): string => readlinkSync(join(lab.machineRoot, "run/current-system"));

test("a build that fails leaves the machine alone, and is repaired by the next run", async () => {
  const before = runningSystem();
  lab.write(webModule, "# embedded: fail build\n");
  const failed = await lab.run();
  expect(failed.exitCode).toBe(12);
  expect(failed.phases.at(-1)).toBe("build fail");
  expect(failed.output).toContain("embedded: fail build");
  expect(runningSystem()).toBe(before);
  lab.write(webModule, "{ }\n");
  expect((await lab.run()).exitCode).toBe(0);
});

test("a machine whose spec git does not track is told from one that does not exist", async () => {
  await execa("git", ["init", "--quiet"], { cwd: lab.root });
  await execa("git", ["add", "flake.nix", "nix", "scripts"], { cwd: lab.root });
  const untracked = await lab.run();
  expect(untracked.exitCode).toBe(12);
  expect(untracked.output).toContain("does not provide attribute");
  expect(untracked.lastLine).toMatch(/git add.*vm-specs\/demo\/web-1\.json/);
  await execa("git", ["add", "vm-specs"], { cwd: lab.root });
  expect((await lab.run()).exitCode).toBe(0);
});

test("a flake that git tracks is sent without files that git does not track", async () => {
  await execa("git", ["init", "--quiet"], { cwd: lab.root });
  await execa("git", ["add", "flake.nix", "vm-specs", "scripts"], { cwd: lab.root });
  const run = await lab.run();
  expect(run.exitCode).toBe(12);
  expect(run.output).toContain("nix/hosts/web.nix' does not exist");
});

test("a tracked file that was deleted does not stop the flake from being sent", async () => {
  lab.write("nix/old.nix", "{ }\n");
  await execa("git", ["init", "--quiet"], { cwd: lab.root });
  await execa("git", ["add", "flake.nix", "nix", "vm-specs"], { cwd: lab.root });
  rmSync(join(lab.root, "nix/old.nix"));
  expect((await lab.run()).exitCode).toBe(0);
});

test("an activation that fails shows the machine's words, and runs again once it is repaired", async () => {
  await lab.run();
  const before = runningSystem();
  lab.write(webModule, "# embedded: fail activation\n");
  const failed = await lab.run();
  expect(failed.exitCode).toBe(14);
  expect(failed.output).toContain("Activation script snippet 'embedded' failed");
  expect(failed.output).not.toContain("starting the following units");
  expect(runningSystem()).toBe(before);
  lab.write(webModule, "{ }\n");
  const repaired = await lab.run();
  expect(repaired.phases).toContain("activate ok");
  expect(repaired.exitCode).toBe(0);
});

test("a system whose units failed is named degraded each time, though it is the running one", async () => {
  lab.write(webModule, "# embedded: degraded\n");
  const first = await lab.run();
  expect(first.exitCode).toBe(15);
  expect(first.lastLine).toContain("these units failed: nginx.service.");
  const second = await lab.run();
  expect(second.exitCode).toBe(15);
});

test("a system that needs a reboot says so, and is fine after the reboot", async () => {
  lab.write(webModule, "# embedded: needs reboot\n");
  const before = await lab.run();
  expect(before.exitCode).toBe(16);
  expect(before.lastLine).toContain("Reboot the machine");
  await lab.cluster.restartMachine();
  expect((await lab.run()).exitCode).toBe(0);
});

test("an activation that does not end is left running at the deadline, and a second one is refused", async () => {
  lab.write(webModule, "# embedded: hang activation\n");
  const first = lab.start({ NIXHERD_DEADLINE_SECONDS: "10" });
  await until("the activation runs", () => isActivating(lab));
  const second = await lab.run();
  expect(second.exitCode).toBe(17);
  expect(second.lastLine).toContain("another activation is running");
  const ended = readRun(await first);
  expect(ended.exitCode).toBe(14);
  expect(ended.lastLine).toMatch(
    /did not end within the deadline; it may still be running.*nixherd-activate-101/,
  );
  expect(isActivating(lab)).toBe(true);
});

test("a machine that loses its power during the activation does not count as activated", async () => {
  lab.write(webModule, "# embedded: hang activation\n");
  const running = lab.start();
  await until("the activation runs", () => isActivating(lab));
  await lab.cluster.restartMachine();
  const run = readRun(await running);
  expect(run.exitCode).toBe(14);
  expect(run.lastLine).toContain("ended without a result");
});

test("a health check that fails is named with its answer", async () => {
  const run = await lab.run({ NIXHERD_HEALTH: '[{"unit":"postgresql.service","retries":1}]' });
  expect(run.exitCode).toBe(19);
  expect(run.phases.at(-1)).toBe("health fail");
  expect(run.lastLine).toContain('health check unit "postgresql.service" failed: inactive');
});

test("every kind of health check is asked on the machine", async () => {
  const checks = [
    { unit: "nginx.service" },
    { http: "http://127.0.0.1/" },
    { tcp: "127.0.0.1:80" },
    { command: "test -e $NIXHERD_ROOT/etc/os-release && [ \"a b\" = 'a b' ]" },
  ];
  const passed = await lab.run({ NIXHERD_HEALTH: JSON.stringify(checks) });
  expect(passed.output).toContain("4 of 4 health checks passed");
  const failed = await lab.run({ NIXHERD_HEALTH: '[{"command":"exit 3","retries":0}]' });
  expect(failed.lastLine).toContain("failed: exit code 3");
});
