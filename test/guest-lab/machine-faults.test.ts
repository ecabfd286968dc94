import { test } from "vitest";
import { noLab } from "./lab-base.ts";
import { useGuestLab } from "./lab-machines.ts";
import { machineFaults } from "./machine-faults.ts";
import { runCell } from "./run-cell.ts";

const lab = useGuestLab();

// A machine each, several at once: most of the time they wait.
test.concurrent.for(machineFaults.map((cell) => [cell.fault, cell] as const))(
  "%s: the machine ends as it may, and the hook says how",
  async ([, cell], { skip }) => {
    skip(noLab !== "", noLab);
    await runCell(lab, cell);
  },
);
