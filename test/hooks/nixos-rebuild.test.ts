import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();
const plain = { NIXHERD_ACTIVATION: "nixos-rebuild" };

test.concurrent("nixos-rebuild on the machine builds and activates, and its result is read back", async () => {
  const lab = await labs.start();
  const run = await lab.run({
    ...plain,
    NIXHERD_BUILD_ON: "target",
    NIXHERD_HEALTH: '[{"unit":"nginx.service"}]',
  });
  expect(run.exitCode, run.output).toBe(0);
  expect(run.phases).toEqual([
    "host-key ok",
    "ssh ok",
    "activate ok",
    "health ok",
    "verify ok",
    "post-apply skip",
  ]);
  expect(lab.runningSystem()).toContain(`nixos-system-${lab.name}`);
  expect(lab.bootedSystem()).toBe(lab.runningSystem());
});

test.concurrent("a nixos-rebuild that fails is not called rolled back: what the machine runs is said", async () => {
  const lab = await labs.start();
  lab.configure("# embedded: degraded\n");
  const run = await lab.run(plain);
  expect(run.exitCode).toBe(14);
  const system = lab.runningSystem().slice(lab.machine.root.length);
  expect(system).toContain(`nixos-system-${lab.name}`);
  expect(run.lastLine).toContain(
    `nixos-rebuild ended with 4; the machine runs ${system} and boots ${system} next`,
  );
});

test.concurrent("a user other than root has nixos-rebuild use sudo, here and there", async () => {
  const lab = await labs.start();
  await lab.machine.post("/config", { ciuser: "ops" });
  await lab.machine.restart();
  const there = await lab.run({ ...plain, NIXHERD_SSH_USER: "ops", NIXHERD_BUILD_ON: "target" });
  expect(there.exitCode, there.output).toBe(0);
  const argv = join(lab.temporary, "../argv");
  lab.write("bin/nixos-rebuild", `#!/bin/bash\nprintf '%s\\n' "$@" >'${argv}'\n`, 0o755);
  lab.write("bin/nix", "#!/bin/bash\n", 0o755);
  const here = await lab.run({
    ...plain,
    NIXHERD_SSH_USER: "ops",
    NIXHERD_BUILD_ON: "local",
    PATH: `${join(lab.root, "bin")}:${lab.tools}`,
  });
  expect(here.exitCode, here.output).toBe(0);
  expect(readFileSync(argv, "utf8").trimEnd().split("\n")).toEqual([
    "switch",
    "--flake",
    `${lab.root}#${lab.name}`,
    "--target-host",
    `ops@${lab.machine.address}`,
    "--no-reexec",
    "--sudo",
  ]);
});

test.concurrent("a build host is not for nixos-rebuild", async () => {
  const lab = await labs.start();
  const run = await lab.run({ ...plain, NIXHERD_BUILD_ON: "ssh://root@web-2" });
  expect(run.exitCode).toBe(2);
  expect(run.lastLine).toContain("nixos.buildOn");
});
