import { afterAll, describe, expect, test } from "vitest";
import type { Answers } from "../embedded/provider/recorded-runs/compare-run.ts";
import { createStepPlayer } from "../embedded/provider/recorded-runs/play-step.ts";
import { recordingNames } from "../embedded/provider/recorded-runs/recording.ts";
import { findBinaries } from "../embedded/provider/recorded-runs/terraform-binary.ts";

const player = await createStepPlayer();
const cases = findBinaries().flatMap((binary) =>
  (["recorded", "embedded"] as const).flatMap((answers: Answers) =>
    recordingNames().map((name) => ({ name, answers, binary })),
  ),
);

afterAll(() => player.stop());

describe.concurrent("every recorded run is as it was", () => {
  test.each(cases)("$name, $answers answers, $binary", async ({ name, answers, binary }) => {
    const { unknown, stale, outputs } = await player.play(name, answers, binary);
    expect(unknown, unknown.length === 0 ? "" : outputs).toEqual([]);
    expect(stale, "known differences that no longer show").toEqual([]);
  });
});
