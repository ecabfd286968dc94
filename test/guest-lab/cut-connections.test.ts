import { test } from "vitest";
import { cuts } from "./cut-connections.ts";
import { noLab } from "./lab-base.ts";
import { useGuestLab } from "./lab-machines.ts";
import { runCell } from "./run-cell.ts";

const lab = useGuestLab();

test.concurrent.for(cuts.map((cell) => [cell.fault, cell] as const))(
  "%s: the machine ends as it may, and the hook says how",
  async ([, cell], { skip }) => {
    skip(noLab !== "", noLab);
    await runCell(lab, cell);
  },
);
