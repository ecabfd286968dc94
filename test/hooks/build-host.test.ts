import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();
/** A laboratory, and a second machine of the cluster that builds; ssh knows it by its name. */
async function openWithHost() {
  const [lab, host] = await Promise.all([labs.start(), labs.start()]);
  return { lab, host, onHost: { NIXHERD_BUILD_ON: `ssh://root@${host.name}` } };
}

test.concurrent("a build host builds from the flake that is sent to it, and the machine gets the system", async () => {
  const { lab, host, onHost } = await openWithHost();
  const run = await lab.run(onHost);
  expect(run.exitCode, run.output).toBe(0);
  expect(run.phases).toEqual(expect.arrayContaining(["build ok", "copy ok", "confirm ok"]));
  const system = lab.runningSystem().slice(lab.machine.root.length);
  expect(existsSync(join(host.machine.root, system))).toBe(true);
});

test.concurrent("a user other than root gets the system through sudo", async () => {
  const { lab, onHost } = await openWithHost();
  await lab.machine.post("/config", { ciuser: "ops" });
  await lab.machine.restart();
  const run = await lab.run({ ...onHost, NIXHERD_SSH_USER: "ops" });
  expect(run.exitCode, run.output).toBe(0);
});

test.concurrent("a build host that cannot be reached fails the build", async () => {
  const lab = await labs.start();
  const run = await lab.run({ NIXHERD_BUILD_ON: "ssh://root@nobody" });
  expect(run.exitCode).toBe(12);
  expect(run.lastLine).toContain("build host could not be reached");
});

test.concurrent("a build that fails there shows the host's words", async () => {
  const { lab, onHost } = await openWithHost();
  lab.configure("# embedded: fail build\n");
  const run = await lab.run(onHost);
  expect(run.exitCode).toBe(12);
  expect(run.output).toContain("embedded: fail build");
});
