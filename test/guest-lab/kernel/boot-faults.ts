import { expect } from "vitest";
import { endingOf, type LabVm } from "../lab-machines.ts";
import { type Fault, untilBooted, untilSaid } from "../run-cell.ts";
import type { KilledRun } from "../run-killed.ts";
import { readConsole } from "./kernel-machines.ts";

/** A system with another kernel, which ends before there is a root file system; who wants it restarted, the system or only the trial? */
const panics: readonly Fault[] = [
  ["another kernel panics on trial, and restarts the machine", '"panic=1"'],
  ["another kernel panics on trial, and its system does not say what then", ""],
].map(([fault = "", parameters]) => ({
  fault,
  module: `{ kernel = "6.13"; kernelParams = [ "console=ttyS0" "rdinit=/bin/false" ${parameters} ]; }`,
  environment: { NIXHERD_REBOOT: "always" },
  exitCode: 14,
  ending: "old system",
  says: /did not come up; the machine restarted by itself and runs the old system again/,
  afterwards: async (vm, before) => {
    expectPanic(vm, "Attempted to kill init");
    await expectStartedByGrub(vm, before.running);
  },
}));

/** What only a kernel and a boot loader of its own can do to a machine. */
export const bootFaults: readonly Fault[] = [
  {
    fault: "the kernel panics during the activation, and the machine may be reset",
    module: `{ activation = "touch /run/activating; sleep 600"; }`,
    during: [
      "activate",
      async (vm) => {
        await untilSaid(vm, "[ -e /run/activating ]");
        await vm.inside("systemd-run --quiet --no-block bash -c 'sleep 1; echo c >/proc/sysrq-trigger'");
      },
    ],
    environment: {
      NIXHERD_CONFIRM_SECONDS: "60",
      NIXHERD_ROLLBACK_SECONDS: "10",
      NIXHERD_RESET_WHEN_LOST: "true",
    },
    exitCode: 14,
    ending: "old system",
    says: /no new connection came up.*the machine runs the old system again/,
    afterwards: (vm) => expectPanic(vm, "sysrq triggered crash"),
  },
  {
    fault: "the power is cut a moment after the confirmation",
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
    afterwards: async (vm, before) => {
      await vm.machine.restart();
      await untilBooted(vm);
      const after = await vm.state();
      expect(endingOf(after, before)).toBe("new system confirmed");
      await expectStartedByGrub(vm, after.running);
      const record = await vm.inside("cat /var/lib/nixherd/activation");
      expect(record).toContain(`result=confirmed\nsystem=${after.running}\nconfirmed=${after.running}\n`);
    },
  },
  {
    fault: "another kernel comes up on trial, and GRUB starts it from then on",
    module: `{ kernel = "6.13"; }`,
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
    afterwards: async (vm, before) => {
      const onTrial = await vm.state();
      expect(onTrial.bootId).not.toBe(before.bootId);
      // GRUB had no hand in it: it would have named its image.
      expect(await commandLine(vm)).toMatch(new RegExp(`^init=${onTrial.running}/init `));
      // As an activation does that starts what its targets want: the timer of the trial, which is over, stays stopped.
      await vm.inside("systemctl start default.target");
      const timer = "systemctl show nixherd-trial.timer -P ActiveState -P ConditionResult -P LoadState";
      expect((await vm.inside(timer)).split("\n").sort()).toEqual(["inactive", "loaded", "no"]);
      await vm.machine.restart();
      await untilBooted(vm);
      await expectStartedByGrub(vm, onTrial.running);
    },
  },
  ...panics,
  {
    fault: "another kernel hangs on trial before it has a systemd, and the machine may be reset",
    module: `{ kernel = "6.13"; kernelParams = [ "console=ttyS0" "rdinit=/usr/bin/cat" ]; }`,
    environment: {
      NIXHERD_REBOOT: "always",
      NIXHERD_RESET_WHEN_LOST: "true",
      NIXHERD_CONFIRM_SECONDS: "60",
    },
    exitCode: 14,
    ending: "old system",
    says: /did not come up; the machine was reset and runs the old system again/,
    afterwards: (vm, before) => expectStartedByGrub(vm, before.running),
  },
  {
    fault: "nobody reaches the new system on trial: the machine's own timer ends it",
    module: `{ kernel = "6.13"; networkUp = "ip link set eth0 down"; }`,
    environment: {
      NIXHERD_REBOOT: "always",
      NIXHERD_CONFIRM_SECONDS: "60",
      NIXHERD_ROLLBACK_SECONDS: "30",
    },
    exitCode: 14,
    ending: "old system",
    says: /did not come up; the machine restarted by itself and runs the old system again/,
    afterwards: async (vm, before) => {
      expect(readConsole(vm)).toMatch(/init=\S+\/init panic=30 boot\.panic_on_fail .*nixherd-trial\.timer/);
      await expectStartedByGrub(vm, before.running);
    },
  },
  {
    fault: "the kernel and the init interface differ, and the machine takes no kexec",
    module: `{ kernel = "6.13"; init = "2"; }`,
    prepare: (vm) => vm.inside("echo 1 >/proc/sys/kernel/kexec_load_disabled"),
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
    afterwards: async (vm, before) => {
      const { running, bootId } = await vm.state();
      expect(bootId).not.toBe(before.bootId);
      await expectStartedByGrub(vm, running);
    },
  },
];

/** Nobody is left who could say that a trial is over, but the machine. */
export const killedOnTrial: KilledRun = {
  fault: "the hook is killed with -9 at phase health, on trial",
  phase: "health",
  module: `{ kernel = "6.13"; }`,
  environment: {
    NIXHERD_REBOOT: "always",
    NIXHERD_CONFIRM_SECONDS: "100",
    NIXHERD_ROLLBACK_SECONDS: "20",
  },
  nextConfirmSeconds: "300",
};

/** Has GRUB started this very system, with its own kernel? */
async function expectStartedByGrub(vm: LabVm, system: string): Promise<void> {
  const kernel = await vm.inside(`readlink -f ${system}/kernel`);
  expect(await commandLine(vm)).toMatch(new RegExp(`^BOOT_IMAGE=${kernel} init=${system}/init `));
}

function commandLine(vm: LabVm): Promise<string> {
  return vm.inside("cat /proc/cmdline");
}

function expectPanic(vm: LabVm, why: string): void {
  expect(readConsole(vm)).toContain(`Kernel panic - not syncing: ${why}`);
}
