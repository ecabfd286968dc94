import { test } from "vitest";
import { noLab } from "./lab-base.ts";
import { useGuestLab } from "./lab-machines.ts";
import { killedAt, runKilled } from "./run-killed.ts";

const lab = useGuestLab();

const phases = ["host-key", "ssh", "build", "copy", "check", "activate", "health", "confirm", "verify"];

test.concurrent.for(phases)(
  "a hook that is killed with -9 at phase %s leaves a machine that decides by itself, and the next run is fine",
  async (phase, { skip }) => {
    skip(noLab !== "", noLab);
    await runKilled(lab, killedAt(phase));
  },
);
