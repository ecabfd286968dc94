import { test } from "vitest";
import { endingOf, expectNothingLeft } from "../hooks/endings.ts";
import { until, useHookLabs } from "../hooks/hook-lab.ts";

const labs = useHookLabs();

/** How long a health check takes, in tenths of a second: the confirmation comes before, with or after the timer. */
const tenths = Array.from({ length: 20 }, (_, index) => 5 + 2 * index);

test.concurrent.for(tenths)(
  "a health check of %s tenths of a second under a timer of three seconds ends as the hook says",
  async (tenth, { expect }) => {
    const lab = await labs.start();
    const before = lab.runningSystem();
    const health = [{ command: `sleep ${tenth / 10}`, retries: 0, timeoutSeconds: 30 }];
    const run = await lab.run({ NIXHERD_CONFIRM_SECONDS: "3", NIXHERD_HEALTH: JSON.stringify(health) });
    await until("nothing is at work", () => !lab.isRunning("nixherd-deadman.service"));
    const ending = endingOf(lab, before);
    if (run.exitCode === 0) expect(ending, run.output).toBe("new system confirmed");
    else {
      expect(run.lastLine, run.output).toContain("the machine runs the old system again");
      expect(ending, run.output).toBe("old system");
    }
    expectNothingLeft(lab);
  },
);
