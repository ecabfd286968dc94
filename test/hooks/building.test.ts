import { rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

test.concurrent("a build that fails leaves the machine alone, and is repaired by the next run", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: fail build\n");
  const failed = await lab.run();
  expect(failed.exitCode).toBe(12);
  expect(failed.phases.at(-1)).toBe("build fail");
  expect(failed.output).toContain("embedded: fail build");
  expect(lab.runningSystem()).toBe(before);
  lab.configure("{ }\n");
  expect((await lab.run()).exitCode).toBe(0);
});

test.concurrent("a machine whose spec git does not track is told from one that does not exist", async () => {
  const lab = await labs.start();
  await execa("git", ["init", "--quiet"], { cwd: lab.root });
  await execa("git", ["add", "flake.nix", "nix", "scripts"], { cwd: lab.root });
  const untracked = await lab.run();
  expect(untracked.exitCode).toBe(12);
  expect(untracked.output).toContain("does not provide attribute");
  expect(untracked.lastLine).toMatch(new RegExp(`git add.*vm-specs/demo/${lab.name}\\.json`));
  await execa("git", ["add", "vm-specs"], { cwd: lab.root });
  expect((await lab.run()).exitCode).toBe(0);
});

test.concurrent("a flake that git tracks is sent without files that git does not track", async () => {
  const lab = await labs.start();
  await execa("git", ["init", "--quiet"], { cwd: lab.root });
  await execa("git", ["add", "flake.nix", "vm-specs", "scripts"], { cwd: lab.root });
  const run = await lab.run();
  expect(run.exitCode).toBe(12);
  expect(run.output).toContain("nix/hosts/web.nix' does not exist");
});

test.concurrent("a tracked file that was deleted does not stop the flake from being sent", async () => {
  const lab = await labs.start();
  lab.write("nix/old.nix", "{ }\n");
  await execa("git", ["init", "--quiet"], { cwd: lab.root });
  await execa("git", ["add", "flake.nix", "nix", "vm-specs"], { cwd: lab.root });
  rmSync(join(lab.root, "nix/old.nix"));
  expect((await lab.run()).exitCode).toBe(0);
});
