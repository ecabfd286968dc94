import { afterAll, describe, expect, test } from "vitest";
import { readScenarioSteps } from "../embedded/provider/embedded-runs/read-scenarios.ts";
import { createScenarioPlayer } from "../embedded/provider/embedded-runs/scenario-player.ts";
import { findBinaries } from "../embedded/provider/recorded-runs/terraform-binary.ts";

const all = readScenarioSteps();
const [anyStep] = all;
if (anyStep === undefined) throw new Error("there are no scenarios");
const steps = findBinaries().flatMap((binary) =>
  all.map((recording) => ({ step: recording.step, recording, binary })),
);
const player = await createScenarioPlayer(anyStep);

afterAll(() => player.stop());

describe.concurrent("the stand-in does what the real provider did against the embedded server in", () => {
  test.each(steps)("$step, $binary", async ({ recording, binary }) => {
    const { differences, outputs } = await player.play(recording, binary);
    expect(differences, outputs).toEqual([]);
  });
});
