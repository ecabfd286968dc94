import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type HookLab, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

const generations = (lab: HookLab): string[] =>
  readdirSync(join(lab.machine.root, "nix/var/nix/profiles")).filter((name) => name.endsWith("-link"));
test.concurrent("a machine gets the system of its spec, and every phase says so", async () => {
  const lab = await labs.start();
  const run = await lab.run({ NIXHERD_HEALTH: '[{"unit":"nginx.service"}]' });
  expect(run.output).toContain("current system is /nix/store/");
  expect(run.phases).toEqual([
    "host-key ok",
    "ssh ok",
    "build ok",
    "copy skip",
    "check ok",
    "activate ok",
    "health ok",
    "confirm ok",
    "verify ok",
    "post-apply skip",
  ]);
  expect(run.exitCode).toBe(0);
  expect(lab.runningSystem()).toContain(`nixos-system-${lab.name}-`);
  expect(lab.profileSystem()).toBe(lab.runningSystem());
});

test.concurrent("a second run finds the system running and activates nothing", async () => {
  const lab = await labs.start();
  await lab.run();
  const before = generations(lab);
  const run = await lab.run();
  expect(run.phases).toContain("activate skip");
  expect(run.exitCode).toBe(0);
  expect(generations(lab)).toEqual(before);
});

test.concurrent("a changed module makes a new generation", async () => {
  const lab = await labs.start();
  await lab.run();
  const before = lab.runningSystem();
  lab.write(
    "nix/hosts/web.nix",
    "{ services.nginx.enable = true; services.nginx.recommendedTlsSettings = true; }\n",
  );
  const run = await lab.run();
  expect(run.phases).toContain("activate ok");
  expect(lab.runningSystem()).not.toBe(before);
  expect(generations(lab)).toHaveLength(3);
});

test.concurrent("the action boot leaves the running system alone until the machine reboots", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  const run = await lab.run({ NIXHERD_ACTION: "boot" });
  expect(run.exitCode).toBe(0);
  expect(lab.runningSystem()).toBe(before);
  expect(lab.profileSystem()).not.toBe(before);
  await lab.machine.restart();
  expect(lab.runningSystem()).toBe(lab.profileSystem());
});

test.concurrent("the action test leaves the next boot alone, and switch then makes it permanent", async () => {
  const lab = await labs.start();
  const before = lab.profileSystem();
  const tried = await lab.run({ NIXHERD_ACTION: "test" });
  expect(tried.exitCode).toBe(0);
  expect(lab.profileSystem()).toBe(before);
  expect(lab.runningSystem()).not.toBe(before);
  const switched = await lab.run();
  expect(switched.phases).toContain("activate ok");
  expect(lab.profileSystem()).toBe(lab.runningSystem());
});

test.concurrent("a user other than root activates with sudo", async () => {
  const lab = await labs.start();
  await lab.machine.post("/config", { ciuser: "ops" });
  await lab.machine.restart();
  const run = await lab.run({ NIXHERD_SSH_USER: "ops" });
  expect(run.phases).toContain("activate ok");
  expect(run.exitCode).toBe(0);
});

test.concurrent("the phases are kept as JSON lines beside the machine's other runs", async () => {
  const lab = await labs.start();
  await lab.run();
  await lab.run();
  const lines = lab.read(`.nixherd/hooks/demo/${lab.vmId}.jsonl`).trimEnd().split("\n");
  const entries = lines.map((line): Record<string, unknown> => JSON.parse(line));
  expect(entries.filter(({ phase, state }) => phase === "activate" && state !== "start")).toEqual([
    expect.objectContaining({
      stack: "demo",
      vmId: lab.vmId,
      name: lab.name,
      state: "ok",
      ms: expect.any(Number),
    }),
    expect.objectContaining({ state: "skip", text: "unchanged: the machine runs this system" }),
  ]);
  expect(new Set(entries.map(({ run }) => run)).size).toBe(2);
});

test.concurrent("nothing of a run stays in the temporary folders, here or on the machine", async () => {
  const lab = await labs.start();
  await lab.run();
  expect(readdirSync(lab.temporary)).toEqual([]);
  expect(readdirSync(join(lab.machine.root, "tmp"))).toEqual([]);
});

test.concurrent("a system that was built before is activated without a build", async () => {
  const lab = await labs.start();
  await lab.run({ NIXHERD_ACTION: "test" });
  const built = lab.runningSystem().slice(lab.machine.root.length);
  lab.configure("# embedded: fail build\n");
  const run = await lab.run({ NIXHERD_SYSTEM: built });
  expect(run.phases).toEqual(expect.arrayContaining(["build skip", "confirm ok"]));
  expect(run.exitCode).toBe(0);
});

test.concurrent("a system that is nowhere is said to be missing", async () => {
  const lab = await labs.start();
  const system = `/nix/store/${"0".repeat(32)}-nixos-system-web-1`;
  const run = await lab.run({ NIXHERD_SYSTEM: system });
  expect(run.exitCode).toBe(13);
  expect(run.lastLine).toContain(system);
});

test.concurrent("a machine without NixOS management is only reached", async () => {
  const lab = await labs.start();
  const run = await lab.run({ NIXHERD_NIXOS: "false" });
  expect(run.phases).toEqual(["host-key ok", "ssh ok", "post-apply skip"]);
  expect(run.exitCode).toBe(0);
});
