import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type HookLab, openHookLab } from "./hook-lab.ts";

let lab: HookLab;
let withNix: Readonly<Record<string, string>>;
beforeEach(async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  withNix = {
    PATH: `${join(import.meta.dirname, "local-nix")}:${lab.tools}`,
    LOCAL_STORE: join(lab.temporary, "../store"),
    LOCAL_SYSTEM: "embedded-nixherd",
    BUILD_SYSTEM: join(import.meta.dirname, "../../embedded/guest/nixos/build-system.ts"),
  };
});
afterEach(() => lab.stop());

test("a system is built here and copied when the nix at hand can build for the machine", async () => {
  const run = await lab.run(withNix);
  expect(run.output).toContain("(local)");
  expect(run.phases).toEqual(expect.arrayContaining(["build ok", "copy ok", "activate ok", "verify ok"]));
  expect(run.exitCode).toBe(0);
  expect(readlinkSync(join(lab.machineRoot, "run/current-system"))).toContain("nixos-system-web-1");
});

test("a system that the machine runs is not copied again", async () => {
  await lab.run(withNix);
  const run = await lab.run(withNix);
  expect(run.phases).toEqual(expect.arrayContaining(["build ok", "copy skip", "activate skip"]));
});

test("a nix that cannot build for the machine leaves the build to the machine", async () => {
  const run = await lab.run({ ...withNix, LOCAL_SYSTEM: "aarch64-darwin" });
  expect(run.output).toContain("(target)");
  expect(run.exitCode).toBe(0);
});

test("the spec's choice overrides what is at hand", async () => {
  const target = await lab.run({ ...withNix, NIXHERD_BUILD_ON: "target" });
  expect(target.output).toContain("(target)");
  const local = await lab.run({ NIXHERD_BUILD_ON: "local" });
  expect(local.exitCode).toBe(12);
  expect(local.lastLine).toContain("there is no nix here");
});

test("a build that fails here shows nix's words", async () => {
  const run = await lab.run({ ...withNix, LOCAL_FAILS: "build" });
  expect(run.exitCode).toBe(12);
  expect(run.output).toContain("error: build fails, as asked");
});

test("a copy that fails is told from a build that fails", async () => {
  const run = await lab.run({ ...withNix, LOCAL_FAILS: "copy" });
  expect(run.exitCode).toBe(13);
  expect(run.phases.slice(-2)).toEqual(["build ok", "copy fail"]);
});
