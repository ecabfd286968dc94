import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type HookLab, openHookLab } from "./hook-lab.ts";

let lab: HookLab;
beforeEach(async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
});
afterEach(() => lab.stop());

const generations = (): string[] =>
  readdirSync(join(lab.machineRoot, "nix/var/nix/profiles")).filter((name) => name.endsWith("-link"));
const runningSystem = (): string => readlinkSync(join(lab.machineRoot, "run/current-system"));
const bootedSystem = (): string => {
  const profiles = join(lab.machineRoot, "nix/var/nix/profiles");
  return readlinkSync(join(profiles, readlinkSync(join(profiles, "system"))));
};

test("a machine gets the system of its spec, and every phase says so", async () => {
  const run = await lab.run({ NIXHERD_HEALTH: '[{"unit":"nginx.service"}]' });
  expect(run.output).toContain("current system is /nix/store/");
  expect(run.phases).toEqual([
    "host-key ok",
    "ssh ok",
    "build ok",
    "copy skip",
    "activate ok",
    "verify ok",
    "health ok",
    "post-apply skip",
  ]);
  expect(run.exitCode).toBe(0);
  expect(runningSystem()).toMatch(/nixos-system-web-1-/);
  expect(bootedSystem()).toBe(runningSystem());
});

test("a second run finds the system running and activates nothing", async () => {
  await lab.run();
  const before = generations();
  const run = await lab.run();
  expect(run.phases).toContain("activate skip");
  expect(run.exitCode).toBe(0);
  expect(generations()).toEqual(before);
});

test("a changed module makes a new generation", async () => {
  await lab.run();
  const before = runningSystem();
  lab.write(
    "nix/hosts/web.nix",
    "{ services.nginx.enable = true; services.nginx.recommendedTlsSettings = true; }\n",
  );
  const run = await lab.run();
  expect(run.phases).toContain("activate ok");
  expect(runningSystem()).not.toBe(before);
  expect(generations()).toHaveLength(3);
});

test("the action boot leaves the running system alone until the machine reboots", async () => {
  const before = runningSystem();
  const run = await lab.run({ NIXHERD_ACTION: "boot" });
  expect(run.exitCode).toBe(0);
  expect(runningSystem()).toBe(before);
  expect(bootedSystem()).not.toBe(before);
  await lab.cluster.restartMachine();
  expect(runningSystem()).toBe(bootedSystem());
});

test("the action test leaves the next boot alone, and switch then makes it permanent", async () => {
  const before = bootedSystem();
  const tried = await lab.run({ NIXHERD_ACTION: "test" });
  expect(tried.exitCode).toBe(0);
  expect(bootedSystem()).toBe(before);
  expect(runningSystem()).not.toBe(before);
  const switched = await lab.run();
  expect(switched.phases).toContain("activate ok");
  expect(bootedSystem()).toBe(runningSystem());
});

test("a user other than root activates with sudo", async () => {
  await lab.cluster.post("/config", { ciuser: "ops" });
  await lab.cluster.restartMachine();
  const run = await lab.run({ NIXHERD_SSH_USER: "ops" });
  expect(run.phases).toContain("activate ok");
  expect(run.exitCode).toBe(0);
});

test("the phases are kept as JSON lines beside the machine's other runs", async () => {
  await lab.run();
  await lab.run();
  const lines = lab.read(".nixherd/hooks/demo/101.jsonl").trimEnd().split("\n");
  const entries = lines.map((line): Record<string, unknown> => JSON.parse(line));
  expect(entries.filter(({ phase, state }) => phase === "activate" && state !== "start")).toEqual([
    expect.objectContaining({ stack: "demo", vmId: 101, name: "web-1", state: "ok", ms: expect.any(Number) }),
    expect.objectContaining({ state: "skip", text: "unchanged: the machine runs this system" }),
  ]);
  expect(new Set(entries.map(({ run }) => run)).size).toBe(2);
});

test("nothing of a run stays in the temporary folders, here or on the machine", async () => {
  await lab.run();
  expect(readdirSync(lab.temporary)).toEqual([]);
  expect(readdirSync(join(lab.machineRoot, "tmp"))).toEqual([]);
});

test("a system that was built before is activated without a build", async () => {
  await lab.run();
  const built = runningSystem().slice(lab.machineRoot.length);
  lab.write("nix/hosts/web.nix", "# embedded: fail build\n");
  const run = await lab.run({ NIXHERD_SYSTEM: built });
  expect(run.phases).toContain("build skip");
  expect(run.exitCode).toBe(0);
});

test("a system that is nowhere is said to be missing", async () => {
  const system = `/nix/store/${"0".repeat(32)}-nixos-system-web-1`;
  const run = await lab.run({ NIXHERD_SYSTEM: system });
  expect(run.exitCode).toBe(13);
  expect(run.lastLine).toContain(system);
});

test("a machine without NixOS management is only reached", async () => {
  const run = await lab.run({ NIXHERD_NIXOS: "false" });
  expect(run.phases).toEqual(["host-key ok", "ssh ok", "post-apply skip"]);
  expect(run.exitCode).toBe(0);
});
