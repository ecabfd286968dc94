import { join } from "node:path";
import { expect, test } from "vitest";
import { useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

/** A laboratory, and an environment in which nix is at hand. */
async function openWithNix() {
  const lab = await labs.start();
  const withNix = {
    PATH: `${join(import.meta.dirname, "local-nix")}:${lab.tools}`,
    LOCAL_STORE: join(lab.temporary, "../store"),
    LOCAL_SYSTEM: "embedded-nixherd",
    BUILD_SYSTEM: join(import.meta.dirname, "../../embedded/guest/nixos/build-system.ts"),
  };
  return { lab, withNix };
}

test.concurrent("a system is built here and copied when the nix at hand can build for the machine", async () => {
  const { lab, withNix } = await openWithNix();
  const run = await lab.run(withNix);
  expect(run.output).toContain("(local)");
  expect(run.phases).toEqual(expect.arrayContaining(["build ok", "copy ok", "activate ok", "verify ok"]));
  expect(run.exitCode).toBe(0);
  expect(lab.runningSystem()).toContain(`nixos-system-${lab.name}`);
});

test.concurrent("a system that the machine runs is not copied again", async () => {
  const { lab, withNix } = await openWithNix();
  await lab.run(withNix);
  const run = await lab.run(withNix);
  expect(run.phases).toEqual(expect.arrayContaining(["build ok", "copy skip", "activate skip"]));
});

test.concurrent("a nix that cannot build for the machine leaves the build to the machine", async () => {
  const { lab, withNix } = await openWithNix();
  const run = await lab.run({ ...withNix, LOCAL_SYSTEM: "aarch64-darwin" });
  expect(run.output).toContain("(target)");
  expect(run.exitCode).toBe(0);
});

test.concurrent("the spec's choice overrides what is at hand", async () => {
  const { lab, withNix } = await openWithNix();
  const target = await lab.run({ ...withNix, NIXHERD_BUILD_ON: "target" });
  expect(target.output).toContain("(target)");
  const local = await lab.run({ NIXHERD_BUILD_ON: "local" });
  expect(local.exitCode).toBe(12);
  expect(local.lastLine).toContain("there is no nix here");
});

test.concurrent("a build that fails here shows nix's words", async () => {
  const { lab, withNix } = await openWithNix();
  const run = await lab.run({ ...withNix, LOCAL_FAILS: "build" });
  expect(run.exitCode).toBe(12);
  expect(run.output).toContain("error: build fails, as asked");
});

test.concurrent("a copy that fails is told from a build that fails", async () => {
  const { lab, withNix } = await openWithNix();
  const run = await lab.run({ ...withNix, LOCAL_FAILS: "copy" });
  expect(run.exitCode).toBe(13);
  expect(run.phases.slice(-2)).toEqual(["build ok", "copy fail"]);
});

test.concurrent("a system that was built before is copied, and one that the store here lost is built again", async () => {
  const { lab, withNix } = await openWithNix();
  await lab.run(withNix);
  const system = lab.runningSystem().slice(lab.machine.root.length);
  lab.configure("# another one\n");
  await lab.run(withNix);
  const known = await lab.run({ ...withNix, NIXHERD_SYSTEM: system });
  expect(known.phases, known.output).toEqual(
    expect.arrayContaining(["build skip", "copy ok", "activate ok"]),
  );
  const lost = await lab.run({ ...withNix, NIXHERD_SYSTEM: `/nix/store/${"0".repeat(32)}-collected` });
  expect(lost.output).toContain("neither the store here nor the machine has");
  expect(lost.phases).toContain("build ok");
  expect(lost.exitCode).toBe(0);
});
