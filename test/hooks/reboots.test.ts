import { execFileSync } from "node:child_process";
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
    situation: "a system whose init needs a reboot gets it when the spec allows it",
    module: "needs reboot",
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    phases: ["activate ok", "activate ok", "reboot ok", "health ok"],
    runs: true,
    boots: true,
    says: /done in/,
  },
  {
    situation: "a changed switch inhibitor is seen before anything is activated",
    module: "other init",
    environment: { NIXHERD_REBOOT: "00:00-00:00" },
    exitCode: 0,
    phases: ["activate ok", "reboot ok", "health ok"],
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
    situation: "a changed kernel is booted when the spec allows it",
    module: "other kernel",
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
    situation: "a system that is not well after its reboot goes, and the old one is booted again",
    module: "needs reboot",
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
  async ({ module, environment, exitCode, phases, runs, boots, says }, { expect }) => {
    const lab = await labs.start();
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

const script = join(import.meta.dirname, "../../scripts/hooks/lib/reboot.sh");

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
