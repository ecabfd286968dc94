import { test } from "vitest";
import { endingOf, expectNothingLeft } from "./endings.ts";
import { readRun, until, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

const phases = ["ssh", "build", "check", "activate", "health", "confirm", "verify"] as const;

test.concurrent.for(phases)(
  "a hook that is interrupted at phase %s says what becomes of the machine",
  async (phase, { expect }) => {
    const lab = await labs.start();
    const before = lab.runningSystem();
    const running = lab.start();
    for await (const line of running) {
      if (line === `phase=${phase} state=start ms=0`) running.kill("SIGTERM");
    }
    const run = readRun(await running);
    expect(run.exitCode, run.output).toBe(130);
    const isUndecided = ["health", "confirm"].includes(phase);
    const says = isUndecided ? /asked to run the old system again/ : /interrupted.*Run the deploy again/;
    expect(run.lastLine).toMatch(says);
    await until("the machine has decided", () => !lab.isRunning("nixherd-deadman.timer"));
    await until("nothing is at work", () => !lab.isRunning("nixherd-deadman.service"));
    await until("it confirms nothing", () => !lab.isRunning("nixherd-confirm.service"));
    // A confirmation that was asked for a moment ago may have come first.
    const ending = { verify: /new system confirmed/, confirm: /old system|new system confirmed/ }[
      String(phase)
    ];
    expect(endingOf(lab, before)).toMatch(ending ?? /old system/);
    if (phase === "health") expectNothingLeft(lab);
  },
);
