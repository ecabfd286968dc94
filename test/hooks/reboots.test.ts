import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { endingOf } from "./endings.ts";
import { useHookLabs } from "./hook-lab.ts";

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
    module: "kernel hangs, older systemd",
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
    // A machine that nobody reaches may still be on its way.
    const ending = () => ({ runs: lab.runningSystem() !== before, boots: lab.bootedSystem() !== before });
    await expect.poll(ending, { timeout: 10_000 }).toEqual({ runs, boots });
    if (exitCode === 0) expect(lab.isRunning("nixherd-trial.timer")).toBe(false);
    if (runs === boots) expect(endingOf(lab, before)).not.toBe("neither");
  },
);
