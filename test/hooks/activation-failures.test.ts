import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { endingOf, expectNothingLeft } from "./endings.ts";
import { type HookLab, readRun, until, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

interface Fault {
  readonly fault: string;
  /** Comment in the machine's module. */
  readonly module?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What happens before the hook runs. */
  readonly prepare?: (lab: HookLab) => void;
  /** What happens to the machine while its activation unit runs. */
  readonly meanwhile?: (lab: HookLab) => Promise<void>;
  readonly exitCode: number;
  readonly ending: "old system" | "new system confirmed";
  /** What the last line says. */
  readonly says: RegExp;
}

const faults: readonly Fault[] = [
  {
    fault: "an activation script that fails",
    module: "fail activation",
    exitCode: 14,
    ending: "old system",
    says: /switch-to-configuration ended with 2\); the machine runs the old system again, \/nix\/store/,
  },
  {
    fault: "a unit that fails",
    module: "degraded",
    exitCode: 14,
    ending: "old system",
    says: /these units failed: nginx\.service; the machine runs the old system again/,
  },
  {
    fault: "a unit that fails in a system that is kept all the same",
    module: "degraded",
    environment: { NIXHERD_DEGRADED: "keep" },
    exitCode: 15,
    ending: "new system confirmed",
    says: /new system is confirmed and runs, but these units failed: nginx\.service/,
  },
  {
    fault: "a unit that failed and waits for its next try",
    module: "fail until the next try",
    exitCode: 14,
    ending: "old system",
    says: /these units failed: nginx\.service; the machine runs the old system again/,
  },
  {
    fault: "a unit that failed and waits for its next try in a system that is kept all the same",
    module: "fail until the next try",
    environment: { NIXHERD_DEGRADED: "keep" },
    exitCode: 15,
    ending: "new system confirmed",
    says: /new system is confirmed and runs, but these units failed: nginx\.service/,
  },
  {
    fault: "a unit that cannot be reloaded in a system that is kept all the same, and none is failed",
    module: "fail reload",
    environment: { NIXHERD_DEGRADED: "keep" },
    exitCode: 15,
    ending: "new system confirmed",
    says: /new system is confirmed and runs, but these units failed: those that the machine named/,
  },
  {
    fault: "an activation script that fails before a unit does, in a system that is kept if only units fail",
    module: "fail activation and units",
    environment: { NIXHERD_DEGRADED: "keep" },
    exitCode: 14,
    ending: "old system",
    says: /activation script failed; the machine runs the old system again/,
  },
  {
    fault: "a panic of switch-to-configuration after half of its work",
    module: "panic",
    exitCode: 14,
    ending: "old system",
    says: /ended with 101\); the machine runs the old system again/,
  },
  {
    fault: "an activation that never ends",
    module: "hang activation",
    environment: { NIXHERD_CONFIRM_SECONDS: "2" },
    exitCode: 14,
    ending: "old system",
    says: /did not end in time; the machine runs the old system again.*nixos\.confirmSeconds/,
  },
  {
    fault: "another activation that holds the machine's lock",
    module: "lock is busy",
    exitCode: 17,
    ending: "old system",
    says: /holds the machine's lock; the machine runs the old system again/,
  },
  {
    fault: "an activation that ends half-way with the number of a busy lock, as does the way back",
    module: "lose logind",
    exitCode: 14,
    ending: "old system",
    says: /ended with 11\); the machine runs the old system again, \S+, whose switch-to-configuration ended with 11\./,
  },
  {
    fault: "a nixos-rebuild that is at work on the machine",
    prepare: (lab) =>
      writeFileSync(
        join(lab.machine.root, "run/units/nixos-rebuild-switch-to-configuration.service.state"),
        "active\n",
      ),
    exitCode: 17,
    ending: "old system",
    says: /nixos-rebuild-switch-to-configuration\.service\); nothing was changed/,
  },
  {
    fault: "a configuration that breaks the network",
    module: "break network",
    environment: { NIXHERD_CONFIRM_SECONDS: "7" },
    exitCode: 14,
    ending: "old system",
    says: /no new connection came up.*the machine runs the old system again.*network, the firewall and sshd/,
  },
  {
    fault: "a configuration that breaks sshd",
    module: "break sshd",
    environment: { NIXHERD_CONFIRM_SECONDS: "7" },
    exitCode: 14,
    ending: "old system",
    says: /Permission denied.*the machine runs the old system again/,
  },
  {
    fault: "a health check that fails",
    environment: { NIXHERD_HEALTH: '[{"unit":"postgresql.service","retries":0}]' },
    exitCode: 19,
    ending: "old system",
    says: /health check unit "postgresql\.service" failed: inactive; the machine runs the old system again/,
  },
  {
    fault: "a health check that does not answer in time",
    environment: {
      NIXHERD_HEALTH: '[{"command":"sleep 60","retries":0,"timeoutSeconds":60}]',
      NIXHERD_CONFIRM_SECONDS: "5",
    },
    exitCode: 19,
    ending: "old system",
    says: /health check command "sleep 60" failed.*the machine runs the old system again/,
  },
  {
    fault: "a boot loader that cannot be written",
    module: "fail boot loader",
    exitCode: 14,
    ending: "old system",
    says: /not confirmed: the boot loader could not be written \(exit code 1\); the machine runs the old system again/,
  },
  {
    fault: "a full disk",
    prepare: (lab) => lab.touchInside("nix/.full"),
    exitCode: 21,
    ending: "old system",
    says: /only 0 MiB left on \/nix, so nothing was changed/,
  },
  {
    fault: "a disk that fills up during the activation",
    environment: { NIXHERD_HEALTH: '[{"command":"touch $NIXHERD_ROOT/nix/.full"}]' },
    exitCode: 14,
    ending: "old system",
    says: /not confirmed: the system profile could not be set; the machine runs the old system again/,
  },
  {
    fault: "a machine that restarts during the activation",
    module: "hang activation",
    meanwhile: (lab) => lab.machine.restart(),
    exitCode: 14,
    ending: "old system",
    says: /was restarted during the activation; the machine runs the old system again/,
  },
  {
    fault: "an activation that is killed",
    module: "hang activation",
    meanwhile: (lab) => lab.killUnit("nixherd-activation.service"),
    exitCode: 14,
    ending: "old system",
    says: /activation was killed; the machine runs the old system again/,
  },
  {
    fault: "a machine that hangs and may be reset",
    module: "freeze machine",
    environment: {
      NIXHERD_CONFIRM_SECONDS: "3",
      NIXHERD_ROLLBACK_SECONDS: "2",
      NIXHERD_RESET_WHEN_LOST: "true",
    },
    exitCode: 14,
    ending: "old system",
    says: /no new connection came up.*the machine runs the old system again/,
  },
];

test.concurrent("a way back whose switch-to-configuration ends half-way starts the old system's units all the same", async ({
  expect,
}) => {
  const lab = await labs.start();
  expect((await lab.run()).exitCode).toBe(0);
  const nginx = () => lab.isRunning("nginx.service");
  expect(nginx()).toBe(true);
  lab.configure("# embedded: lose logind\n");
  expect((await lab.run()).exitCode).toBe(14);
  expect(nginx()).toBe(true);
});

test.concurrent("no check of the old system forbids the way back to it", async ({ expect }) => {
  const lab = await labs.start();
  lab.configure("# embedded: guard itself\n");
  expect((await lab.run()).exitCode).toBe(0);
  const before = lab.runningSystem();
  lab.configure("# embedded: panic\n");
  lab.touchInside("run/busy");
  const run = await lab.run();
  expect(run.exitCode, run.output).toBe(14);
  expect(run.lastLine).toMatch(/ended with 101\); the machine runs the old system again/);
  expect(endingOf(lab, before)).toBe("old system");
});

// A machine each, several at once: most of the time they wait.
test.concurrent.for(faults)(
  "$fault ends with the $ending, and says so",
  async ({ module, environment, prepare, meanwhile, exitCode, ending, says }, { expect }) => {
    const lab = await labs.start();
    const before = lab.runningSystem();
    if (module !== undefined) lab.configure(`# embedded: ${module}\n`);
    prepare?.(lab);
    const running = lab.start(environment);
    if (meanwhile !== undefined) {
      await until("the activation runs", () => lab.isRunning("nixherd-activation.service"));
      await meanwhile(lab);
    }
    const run = readRun(await running);
    expect(run.exitCode, run.output).toBe(exitCode);
    expect(run.lastLine).toMatch(says);
    expect(endingOf(lab, before)).toBe(ending);
    expectNothingLeft(lab);
  },
);
