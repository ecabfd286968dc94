import { test } from "vitest";
import { cuts } from "../guest-lab/cut-connections.ts";
import { noLab } from "../guest-lab/lab-base.ts";
import { useGuestLab } from "../guest-lab/lab-machines.ts";
import { machineFaults } from "../guest-lab/machine-faults.ts";
import { type Fault, runCell } from "../guest-lab/run-cell.ts";
import { killedAt, runKilled } from "../guest-lab/run-killed.ts";

const lab = useGuestLab();
const runs = Array.from({ length: 20 }, (_, index) => index + 1);

/** Cells whose end depends on which of two things comes first. */
const racy = /phase (activate|health|confirm|verify)|is reset|restarts the machine|is killed|cable is pulled/;

const cells: readonly Fault[] = [
  ...[...cuts, ...machineFaults].filter(({ fault }) => racy.test(fault)),
  // The confirmation comes before, with or after the timer.
  ...runs.map(
    (run): Fault => ({
      fault: "the health checks take as long as the timer",
      environment: {
        NIXHERD_CONFIRM_SECONDS: "12",
        NIXHERD_HEALTH: JSON.stringify([{ command: `sleep ${8 + run / 5}`, retries: 0, timeoutSeconds: 30 }]),
      },
      exitCode: [0, 14, 19],
      ending: "either",
      says: /done in|the machine runs the old system again/,
    }),
  ),
];

const repeated = cells.flatMap((cell) =>
  cell.fault.startsWith("the health checks")
    ? [[cell.fault, 1, cell] as const]
    : runs.map((run) => [cell.fault, run, cell] as const),
);

test.concurrent.for(repeated)(
  "%s, run %i: the machine ends as it may, and the hook says how",
  async ([, , cell], { skip }) => {
    skip(noLab !== "", noLab);
    await runCell(lab, cell);
  },
);

const killed = ["activate", "health", "confirm", "verify"].flatMap((phase) =>
  runs.map((run) => [phase, run] as const),
);

test.concurrent.for(killed)(
  "a hook that is killed at phase %s, run %i, leaves a machine that decides by itself",
  async ([phase], { skip }) => {
    skip(noLab !== "", noLab);
    await runKilled(lab, killedAt(phase));
  },
);
