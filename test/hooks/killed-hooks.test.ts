import { test } from "vitest";
import { endingOf, expectNothingLeft } from "./endings.ts";
import { readRun, until, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

const phases = ["ssh", "build", "check", "activate", "health", "confirm", "verify"] as const;

// As if by the kernel: nothing of the hook gets to say or do anything more.
test.concurrent.for(phases)(
  "a hook that is killed at phase %s leaves a machine that decides by itself, and the next run is fine",
  async (phase, { expect }) => {
    const lab = await labs.start();
    const before = lab.runningSystem();
    const running = lab.start({ NIXHERD_CONFIRM_SECONDS: "2" });
    for await (const line of running) {
      if (line === `phase=${phase} state=start ms=0`) running.kill("SIGKILL");
    }
    await running;
    await until("the machine has decided", () => !lab.isRunning("nixherd-deadman.timer"));
    await until("nothing is at work", () => !lab.isRunning("nixherd-deadman.service"));
    expect(endingOf(lab, before)).toMatch(/old system|new system confirmed/);
    const next = await lab.run();
    expect(next.exitCode, next.output).toBe(0);
    expect(endingOf(lab, before)).toBe("new system confirmed");
    expectNothingLeft(lab);
  },
);

test("of two hooks at once one is told that the other is at work, and the machine is well", async ({
  expect,
}) => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  const slow = { NIXHERD_HEALTH: '[{"command":"test -e $NIXHERD_ROOT/run/go","retries":30}]' };
  const first = lab.start(slow);
  await until("the first one's activation is unconfirmed", () => lab.isRunning("nixherd-deadman.timer"));
  await until("both systems are kept from the garbage collector", () => lab.collectorRoots().length === 2);
  expect(lab.collectorRoots()).toContain(before);
  const second = await lab.run();
  expect(second.exitCode, second.output).toBe(17);
  expect(second.lastLine).toMatch(/another activation is running.*nothing was changed/);
  lab.touchInside("run/go");
  const ended = readRun(await first);
  expect(ended.exitCode, ended.output).toBe(0);
  expect(endingOf(lab, before)).toBe("new system confirmed");
  expectNothingLeft(lab);
});
