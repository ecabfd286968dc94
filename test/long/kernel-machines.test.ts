import { test } from "vitest";
import { bootFaults, killedOnTrial } from "../guest-lab/kernel/boot-faults.ts";
import { clockJumps, clockJumpsWithoutNetwork } from "../guest-lab/kernel/clock-faults.ts";
import { noKernelLab } from "../guest-lab/kernel/kernel-base.ts";
import { kernelMachines } from "../guest-lab/kernel/kernel-machines.ts";
import { useGuestLab } from "../guest-lab/lab-machines.ts";
import { runCell } from "../guest-lab/run-cell.ts";
import { runKilled } from "../guest-lab/run-killed.ts";

const lab = useGuestLab(kernelMachines);
const faults = [...clockJumps, ...clockJumpsWithoutNetwork, ...bootFaults];

// One after the other: each is a whole computer, emulated.
test.for(faults.map((cell) => [cell.fault, cell] as const))(
  "%s: the machine ends as it may, and the hook says how",
  async ([, cell], { skip }) => {
    skip(noKernelLab !== "", noKernelLab);
    await runCell(lab, cell);
  },
);

test("a hook that is killed while another kernel is on trial leaves a machine that goes back by itself, and the next run is fine", async ({
  skip,
}) => {
  skip(noKernelLab !== "", noKernelLab);
  await runKilled(lab, killedOnTrial);
});
