import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endingOf } from "./endings.ts";
import { readRun, until, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

test.concurrent("a system that waits for a reboot is tried as soon as one is allowed, and the boot loader has the old one meanwhile", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: kernel panics\n");
  expect((await lab.run({ NIXHERD_ACTION: "boot" })).exitCode).toBe(0);
  expect(lab.bootedSystem()).not.toBe(before);
  const run = await lab.run({ NIXHERD_REBOOT: "always" });
  expect(run.exitCode, run.output).toBe(14);
  expect(run.lastLine).toMatch(/restarted by itself and runs the old system again/);
  expect(endingOf(lab, before)).toBe("old system");
});

test.concurrent("a system that runs already, and only waits for its kernel, is restarted by the boot loader", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: other kernel\n");
  expect((await lab.run({ NIXHERD_ACTION: "test" })).exitCode).toBe(0);
  const run = await lab.run({ NIXHERD_REBOOT: "always" });
  expect(run.exitCode, run.output).toBe(0);
  expect(run.output).not.toMatch(/on trial/);
  expect(run.phases.filter((phase) => /^(confirm|reboot) /.test(phase))).toEqual(["confirm ok", "reboot ok"]);
  expect(endingOf(lab, before)).toBe("new system confirmed");
});

test.concurrent("a machine that refuses kexec is booted by its boot loader, with nothing loaded any more", async () => {
  const lab = await labs.start();
  const units = join(lab.machine.root, "etc/systemd/system");
  mkdirSync(units, { recursive: true });
  symlinkSync("/dev/null", join(units, "kexec.target"));
  lab.configure("# embedded: needs reboot\n");
  const run = await lab.run({ NIXHERD_REBOOT: "always" });
  expect(run.exitCode, run.output).toBe(0);
  expect(run.output).toMatch(
    /past its boot loader: Failed to start kexec\.target: Unit kexec\.target is masked/,
  );
  expect(run.phases.filter((phase) => phase.startsWith("reboot "))).toEqual(["reboot fail", "reboot ok"]);
});

test.concurrent("a restart is the boot loader's, even if somebody has loaded another kernel", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  writeFileSync(join(lab.machine.root, "run/kexec"), `${before.slice(lab.machine.root.length)}\n`);
  writeFileSync(join(lab.machine.root, "proc/sys/kernel/kexec_load_disabled"), "1\n");
  lab.configure("# embedded: needs reboot\n");
  const run = await lab.run({ NIXHERD_REBOOT: "always" });
  expect(run.exitCode, run.output).toBe(0);
  expect(endingOf(lab, before)).toBe("new system confirmed");
});

test.concurrent("an interrupted trial is restarted into the old system", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: other kernel\n");
  const running = lab.start({
    NIXHERD_REBOOT: "always",
    NIXHERD_HEALTH: '[{"command":"sleep 20","retries":0,"timeoutSeconds":25}]',
  });
  for await (const line of running) {
    if (line === "phase=health state=start ms=0") running.kill("SIGINT");
  }
  const run = readRun(await running);
  expect(run.exitCode, run.output).toBe(130);
  expect(run.lastLine).toMatch(/not confirmed; the machine was asked to restart into the old system/);
  await until("the old system runs", () => endingOf(lab, before) === "old system");
});

test.concurrent("a killed hook leaves the trial to a restart, which ends it, or to the next run, which confirms it", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: other kernel\n");
  const killAtHealth = async (): Promise<void> => {
    const running = lab.start({ NIXHERD_REBOOT: "always" });
    for await (const line of running) {
      if (line === "phase=health state=start ms=0") running.kill("SIGKILL");
    }
    expect((await running).signal).toBe("SIGKILL");
    expect(lab.runningSystem()).not.toBe(before);
    expect(lab.bootedSystem()).toBe(before);
  };
  await killAtHealth();
  await lab.machine.restart();
  expect(endingOf(lab, before)).toBe("old system");
  await killAtHealth();
  const next = await lab.run();
  expect(next.exitCode, next.output).toBe(0);
  expect(endingOf(lab, before)).toBe("new system confirmed");
});
