import { expect, test } from "vitest";
import { type HookLab, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();
/** A machine whose system one run has confirmed. */
async function openConfirmed() {
  const lab = await labs.start();
  const first = await lab.run();
  expect(first.exitCode, first.output).toBe(0);
  return { lab, system: lab.runningSystem().slice(lab.machine.root.length) };
}

/** The system is known, and nobody answers SSH. */
const withoutSsh = (lab: HookLab, system: string): Record<string, string> => {
  lab.write("closed_config", "Port 1\n");
  return {
    NIXHERD_SYSTEM: system,
    NIXHERD_SSH_CONFIG: `${lab.root}/closed_config`,
    NIXHERD_ADDRESS: "127.0.0.1",
    NIXHERD_DEADLINE_SECONDS: "1",
  };
};

test.concurrent("a known system that the agent sees running is not even logged in for, and own scripts run", async () => {
  const { lab, system } = await openConfirmed();
  lab.write("hooks/own.sh", "#!/bin/bash\n: >ran\n", 0o755);
  const run = await lab.run({ ...withoutSsh(lab, system), NIXHERD_POST_APPLY: '["hooks/own.sh"]' });
  expect(run.exitCode, run.output).toBe(0);
  expect(run.phases).toEqual(["host-key ok", "activate skip", "post-apply ok"]);
  expect(lab.read("ran")).toBe("");
});

test.concurrent.for<[string, (lab: HookLab) => Promise<Record<string, string>> | Record<string, string>]>([
  ["another system is wanted", () => ({ NIXHERD_SYSTEM: `/nix/store/${"0".repeat(32)}-other` })],
  ["the health checks changed", () => ({ NIXHERD_HEALTH: '[{"unit":"nginx.service"}]' })],
  ["no token is at hand", () => ({ PROXMOX_VE_API_TOKEN: "" })],
  [
    "the machine was made anew",
    async (lab) => {
      await lab.machine.destroy();
      await lab.machine.create();
      return {};
    },
  ],
  [
    "somebody else activated another system",
    async (lab) => {
      const record = lab.read(`.nixherd/hooks/demo/${lab.vmId}.json`);
      lab.configure("# by somebody else\n");
      expect((await lab.run()).exitCode).toBe(0);
      lab.write(`.nixherd/hooks/demo/${lab.vmId}.json`, record);
      return {};
    },
  ],
])("the machine is logged in to when %s", async ([, change]) => {
  const { lab, system } = await openConfirmed();
  const run = await lab.run({ ...withoutSsh(lab, system), ...(await change(lab)) });
  expect(run.phases, run.output).toContain("ssh fail");
  expect(run.exitCode).toBe(10);
});

test.concurrent("the result of a run stands in a file of its own", async () => {
  const { lab, system } = await openConfirmed();
  const confirmed: unknown = JSON.parse(lab.read(`.nixherd/hooks/demo/${lab.vmId}.json`));
  expect(confirmed).toMatchObject({ exitCode: 0, action: "switch", system, running: system, generation: 2 });
  lab.configure("# embedded: fail activation\n");
  await lab.run();
  const failed: unknown = JSON.parse(lab.read(`.nixherd/hooks/demo/${lab.vmId}.json`));
  expect(failed).toMatchObject({ exitCode: 14, running: system, generation: 2 });
  expect(failed).not.toMatchObject({ system });
});

test.concurrent("a generation that somebody else made is reported, and replaced", async () => {
  const { lab, system } = await openConfirmed();
  lab.configure("# by somebody else\n");
  await lab.run({ NIXHERD_ACTIVATION: "nixos-rebuild" });
  const foreign = lab.runningSystem().slice(lab.machine.root.length);
  lab.configure("# by us\n");
  const run = await lab.run();
  expect(run.exitCode, run.output).toBe(0);
  expect(run.output).toContain(
    `generation 3 (${foreign}) was made by somebody else; the last one made from here is ${system}`,
  );
});
