import { test } from "vitest";
import { cuts } from "./cut-connections.ts";
import { noLab } from "./lab-base.ts";
import { useGuestLab } from "./lab-machines.ts";
import { runCell } from "./run-cell.ts";

const lab = useGuestLab();

test.concurrent.for(cuts)("$fault: exit code $exitCode, $ending", async (fault, { skip }) => {
  skip(noLab !== "", noLab);
  await runCell(lab, fault);
});
