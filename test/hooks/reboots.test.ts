import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endingOf } from "./endings.ts";
import { readRun, until, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

interface Case {
  readonly situation: string;
  readonly module: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly exitCode: number;
  readonly phases: readonly string[];
  /** Lets the machine start nothing past its boot loader. */
  readonly hasNoKexec?: true;
  /** Is the new system the running one? And the one that boots next? */
  readonly runs: boolean;
  readonly boots: boolean;
  readonly says: RegExp;
}

const cases: readonly Case[] = [
  {
    situation: "a system whose init needs a reboot waits for it",
    module: "needs reboot",
    environment: {},
    exitCode: 16,
    phases: ["activate ok", "activate ok"],
    runs: false,
    boots: true,
    says: /with the next boot only: its init cannot take over.*Reboot the machine/,
  },
  {
    situation: "a system whose init needs a reboot gets it on trial when the spec allows it",
    module: "needs reboot",
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    phases: ["activate ok", "reboot ok", "health ok", "confirm ok"],
    runs: true,
    boots: true,
    says: /into the new system on trial: its init cannot take over[\s\S]*done in/,
  },
  {
    situation: "without kexec a system whose init needs a reboot becomes the next to boot, and is booted",
    module: "needs reboot",
    hasNoKexec: true,
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    phases: ["activate ok", "activate ok", "reboot ok", "health ok"],
    runs: true,
    boots: true,
    says: /done in/,
  },
  {
    situation: "a kernel that kexec cannot load is booted by the boot loader",
    module: "unloadable kernel",
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    phases: ["reboot fail", "activate ok", "health ok", "confirm ok", "reboot ok", "health ok"],
    runs: true,
    boots: true,
    says: /cannot start it past its boot loader: Could not find a free area of memory[\s\S]*done in/,
  },
  {
    situation: "a kernel that panics on trial leaves the old system",
    module: "kernel panics",
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 14,
    phases: ["reboot fail"],
    runs: false,
    boots: false,
    says: /did not come up; the machine restarted by itself and runs the old system again/,
  },
  {
    situation: "a kernel that hangs on trial goes with a reset, if the spec allows one",
    module: "kernel hangs",
    environment: {
      NIXHERD_REBOOT: "always",
      NIXHERD_RESET_WHEN_LOST: "true",
      NIXHERD_CONFIRM_SECONDS: "3",
    },
    exitCode: 14,
    phases: ["reboot fail"],
    runs: false,
    boots: false,
    says: /did not come up; the machine was reset and runs the old system again/,
  },
  {
    situation: "a kernel that hangs on trial leaves the old system to whoever resets the machine",
    module: "kernel hangs",
    environment: { NIXHERD_REBOOT: "always", NIXHERD_CONFIRM_SECONDS: "3" },
    exitCode: 22,
    phases: ["reboot fail"],
    runs: true,
    boots: false,
    says: /did not come up with the new system within 3s.*A reset brings back the old system/,
  },
  {
    situation: "a boot loader that cannot be written after a trial gets the old system booted again",
    module: "kernel, no boot loader",
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 14,
    phases: ["reboot ok", "health ok", "confirm fail", "roll-back ok"],
    runs: false,
    boots: false,
    says: /could not be confirmed: the boot loader could not be written.*restarted once more and runs the old system again/,
  },
  {
    situation: "a changed switch inhibitor is seen before anything is activated",
    module: "other init",
    environment: { NIXHERD_REBOOT: "00:00-00:00" },
    exitCode: 0,
    phases: ["reboot ok", "health ok", "confirm ok"],
    runs: true,
    boots: true,
    says: /done in/,
  },
  {
    situation: "a changed kernel is confirmed at once, and its reboot reported",
    module: "other kernel",
    environment: {},
    exitCode: 0,
    phases: ["activate ok", "health ok", "confirm ok"],
    runs: true,
    boots: true,
    says: /a reboot is due: kernel initrd kernel-modules[\s\S]*done in/,
  },
  {
    situation: "a changed kernel is booted on trial when the spec allows a reboot",
    module: "other kernel",
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    phases: ["reboot ok", "health ok", "confirm ok"],
    runs: true,
    boots: true,
    says: /on trial: kernel initrd kernel-modules;[\s\S]*done in/,
  },
  {
    situation: "without kexec a changed kernel is confirmed, and then booted",
    module: "other kernel",
    hasNoKexec: true,
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    phases: ["activate ok", "health ok", "confirm ok", "reboot ok", "health ok"],
    runs: true,
    boots: true,
    says: /restarted and runs the new system[\s\S]*done in/,
  },
  {
    situation: "the action boot leaves what runs alone",
    module: "other kernel",
    environment: { NIXHERD_ACTION: "boot" },
    exitCode: 0,
    phases: ["activate ok"],
    runs: false,
    boots: true,
    says: /the next boot starts the new system[\s\S]*done in/,
  },
  {
    situation: "a system that is not well on trial goes with a restart",
    module: "needs reboot",
    environment: {
      NIXHERD_REBOOT: "always",
      NIXHERD_HEALTH: '[{"command":"readlink $NIXHERD_ROOT/run/current-system | grep -v web","retries":0}]',
    },
    exitCode: 19,
    phases: ["activate ok", "reboot ok", "health fail", "roll-back ok"],
    runs: false,
    boots: false,
    says: /restarted once more and runs the old system again/,
  },
  {
    situation:
      "without kexec a system that is not well after its reboot goes, and the old one is booted again",
    module: "needs reboot",
    hasNoKexec: true,
    environment: {
      NIXHERD_REBOOT: "always",
      NIXHERD_HEALTH: '[{"command":"readlink $NIXHERD_ROOT/run/current-system | grep -v web","retries":0}]',
    },
    exitCode: 19,
    phases: ["activate ok", "activate ok", "reboot ok", "health fail", "roll-back ok"],
    runs: false,
    boots: false,
    says: /restarted once more and runs the old system again/,
  },
  {
    situation: "a boot loader that cannot be written leaves the next boot as it was",
    module: "fail boot loader",
    environment: { NIXHERD_ACTION: "boot" },
    exitCode: 14,
    phases: ["activate fail"],
    runs: false,
    boots: false,
    says: /boot loader could not be written.*runs and boots .* as before/,
  },
];

test.concurrent.for(cases)(
  "$situation",
  async ({ module, hasNoKexec, environment, exitCode, phases, runs, boots, says }, { expect }) => {
    const lab = await labs.start();
    if (hasNoKexec) writeFileSync(join(lab.machine.root, "proc/sys/kernel/kexec_load_disabled"), "1\n");
    const before = lab.runningSystem();
    lab.configure(`# embedded: ${module}\n`);
    const run = await lab.run(environment);
    expect(run.exitCode, run.output).toBe(exitCode);
    const told = run.phases.filter((phase) => /^(activate|health|confirm|reboot|roll-back) /.test(phase));
    expect(told).toEqual(phases);
    expect(run.output).toMatch(says);
    expect({ runs: lab.runningSystem() !== before, boots: lab.bootedSystem() !== before }).toEqual({
      runs,
      boots,
    });
    if (runs === boots) expect(endingOf(lab, before)).not.toBe("neither");
  },
);

test("a system that waits for a reboot is tried as soon as one is allowed, and the boot loader has the old one meanwhile", async () => {
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

test("a machine that refuses kexec is booted by its boot loader, with nothing loaded any more", async () => {
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

test("a restart is the boot loader's, even if somebody has loaded another kernel", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  writeFileSync(join(lab.machine.root, "run/kexec"), `${before.slice(lab.machine.root.length)}\n`);
  writeFileSync(join(lab.machine.root, "proc/sys/kernel/kexec_load_disabled"), "1\n");
  lab.configure("# embedded: needs reboot\n");
  const run = await lab.run({ NIXHERD_REBOOT: "always" });
  expect(run.exitCode, run.output).toBe(0);
  expect(endingOf(lab, before)).toBe("new system confirmed");
});

test("an interrupted trial is restarted into the old system", async () => {
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

test("a killed hook leaves the trial to a restart, which ends it, or to the next run, which confirms it", async () => {
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

const script = join(import.meta.dirname, "../../scripts/hooks/lib/reboot-window.sh");

test.for([
  { window: "00:00-00:00", at: "2026-11-21 12:00", open: true },
  { window: "02:00-04:00", at: "2026-11-21 02:00", open: true },
  { window: "02:00-04:00", at: "2026-11-21 04:00", open: false },
  { window: "02:00-04:00", at: "2026-11-21 01:59", open: false },
  { window: "22:00-02:00", at: "2026-11-21 23:30", open: true },
  { window: "22:00-02:00", at: "2026-11-21 01:30", open: true },
  { window: "22:00-02:00", at: "2026-11-21 12:00", open: false },
  { window: "sat,sun 02:00-04:00", at: "2026-11-21 03:00", open: true },
  { window: "mon,sun 02:00-04:00", at: "2026-11-21 03:00", open: false },
  { window: "never", at: "2026-11-21 03:00", open: false },
  { window: "always", at: "2026-11-21 03:00", open: true },
])("at $at UTC the reboot window $window is open: $open", ({ window, at, open }, { expect }) => {
  const commands = `source '${script}'; date() { command date -d '${at} UTC' "$@"; }; may_reboot && echo true || echo false`;
  const answer = execFileSync("bash", ["-c", commands], { env: { ...process.env, NIXHERD_REBOOT: window } });
  expect(String(answer).trim()).toBe(String(open));
});
