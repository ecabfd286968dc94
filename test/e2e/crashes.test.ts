import { afterAll, beforeAll, expect, test } from "vitest";
import { CrashLab } from "./crash/crash-lab.ts";
import { crashPoints, inTurn, victims } from "./crash/crash-points.ts";
import { terraformBinaries } from "./terraform-binaries.ts";

let lab: CrashLab;
beforeAll(async () => {
  const [binary = "tofu"] = terraformBinaries();
  lab = await CrashLab.open(binary);
});
afterAll(() => lab?.close());

/** A NixOS step that was killed holds its machine until its timer is over. */
const timeoutMs = 180_000;

// Every other moment with one victim, in turn; test/long has all of them with every one.
const everyOther = crashPoints.filter((_, index) => index % 2 === 0);
const cases = inTurn(everyOther).map((point, index) => {
  const turn = index + Math.floor(index / victims.length);
  return { point, victim: victims[turn % victims.length] ?? "nixherd" };
});

test.each(cases)(
  '$point.work: $victim is killed at "$point.name", and the next run loses and doubles nothing',
  async ({ point, victim }) => {
    await lab.prepare(point.work);
    expect((await lab.crash(point, victim)).isKilled).toBe(true);
  },
  timeoutMs,
);
