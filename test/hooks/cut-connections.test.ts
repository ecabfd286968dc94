import { test } from "vitest";
import { endingOf, expectNothingLeft } from "./endings.ts";
import { type HookLab, readRun, until, useHookLabs } from "./hook-lab.ts";
import { openRelay } from "./relay.ts";

const labs = useHookLabs();

interface Cut {
  /** The line is cut as this phase starts. */
  readonly phase: string;
  readonly exitCode: number;
  readonly ending: RegExp;
  readonly says: RegExp;
}

/** The line is back after three connections were refused. */
const shortCuts: readonly Cut[] = [
  { phase: "ssh", exitCode: 0, ending: /new system confirmed/, says: /done in/ },
  { phase: "build", exitCode: 12, ending: /old system/, says: /connection was lost/ },
  { phase: "check", exitCode: 10, ending: /old system/, says: /nothing was changed/ },
  {
    phase: "activate",
    exitCode: 14,
    ending: /old system/,
    says: /lost before the activation began; the machine runs the old system again/,
  },
  { phase: "health", exitCode: 0, ending: /new system confirmed/, says: /done in/ },
  { phase: "confirm", exitCode: 0, ending: /new system confirmed/, says: /done in/ },
  { phase: "verify", exitCode: 0, ending: /new system confirmed/, says: /done in/ },
];

/** The line is not back before the hook has ended. */
const longCuts: readonly Cut[] = [
  { phase: "ssh", exitCode: 10, ending: /old system/, says: /no SSH at/ },
  {
    phase: "health",
    exitCode: 22,
    ending: /old system/,
    says: /cannot be reached.*brings back the old system/,
  },
  {
    phase: "confirm",
    exitCode: 22,
    ending: /old system|new system confirmed/,
    says: /runs and boots either that or the old one/,
  },
  { phase: "verify", exitCode: 22, ending: /new system confirmed/, says: /cannot be asked what it runs/ },
];

/** Runs the hook over a line that is cut when a phase starts, then looks at what became of the machine. */
async function cutAt(lab: HookLab, phase: string, refusals: number, environment: Record<string, string>) {
  const relay = await openRelay(lab);
  const running = lab.start({ NIXHERD_SSH_CONFIG: relay.sshConfig, ...environment });
  for await (const line of running) {
    if (line === `phase=${phase} state=start ms=0`) relay.cut(refusals);
  }
  const run = readRun(await running);
  relay.close();
  await until("the machine has decided", () => !lab.isRunning("nixherd-deadman.timer"));
  await until("nothing is at work", () => !lab.isRunning("nixherd-deadman.service"));
  return run;
}

test.concurrent.for(shortCuts)(
  "SSH that is cut for a moment at phase $phase ends with exit code $exitCode",
  async ({ phase, exitCode, ending, says }, { expect }) => {
    const lab = await labs.start();
    const before = lab.runningSystem();
    const health = '[{"unit":"nginx.service"}]';
    const run = await cutAt(lab, phase, 3, { NIXHERD_HEALTH: health, NIXHERD_CONFIRM_SECONDS: "25" });
    expect(run.exitCode, run.output).toBe(exitCode);
    expect(run.lastLine).toMatch(says);
    expect(endingOf(lab, before)).toMatch(ending);
    expectNothingLeft(lab);
  },
);

test.concurrent.for(longCuts)(
  "SSH that stays cut from phase $phase ends with exit code $exitCode and a machine that has decided",
  async ({ phase, exitCode, ending, says }, { expect }) => {
    const lab = await labs.start();
    const before = lab.runningSystem();
    const run = await cutAt(lab, phase, Number.POSITIVE_INFINITY, {
      NIXHERD_CONFIRM_SECONDS: "6",
      NIXHERD_ROLLBACK_SECONDS: "2",
      NIXHERD_DEADLINE_SECONDS: "8",
    });
    expect(run.exitCode, run.output).toBe(exitCode);
    expect(run.lastLine).toMatch(says);
    expect(endingOf(lab, before)).toMatch(ending);
  },
);
