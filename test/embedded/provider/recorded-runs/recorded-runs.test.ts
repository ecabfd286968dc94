import { afterAll, describe, expect, test } from "vitest";
import { knownDifferences, needsRecordedAnswers, notPlayed } from "./known-differences.ts";
import { createStepPlayer } from "./play-step.ts";
import { recordingNames } from "./recording.ts";
import { findTerraformBinary } from "./terraform-binary.ts";

const binary = findTerraformBinary();
const names = recordingNames();
// Steps that the embedded server shows in full are played with recorded answers in test/long only.
const special = names.filter(needsRecordedAnswers);
const player = await createStepPlayer();

afterAll(async () => {
  await player.stop();
  const count = `${names.length} against the embedded server, ${special.length} also with recorded answers`;
  process.stdout.write(
    `Recorded runs: ${count}; ${knownDifferences.length} known differences, ${notPlayed.length} steps left out\n`,
  );
});

describe.concurrent("against the embedded Proxmox VE everything is as it was against the real one in", () => {
  test.each(names)("%s", async (name) => {
    const { unknown, stale, outputs } = await player.play(name, "embedded", binary);
    expect(unknown, unknown.length === 0 ? "" : outputs).toEqual([]);
    expect(stale, "known differences that no longer show").toEqual([]);
  });
});

describe.concurrent("with the recorded answers everything is as it was with the real provider in", () => {
  test.each(special)("%s", async (name) => {
    const { unknown, stale, outputs } = await player.play(name, "recorded", binary);
    expect(unknown, unknown.length === 0 ? "" : outputs).toEqual([]);
    expect(stale, "known differences that no longer show").toEqual([]);
  });
});

describe("the list of known differences", () => {
  test("names carried steps, and a reason for each", () => {
    for (const { step, reason } of knownDifferences) {
      expect(names).toContain(step);
      expect(reason.length).toBeGreaterThan(20);
    }
  });

  test("names every one of the 219 recorded steps that is not carried, and why", () => {
    expect(names.length + notPlayed.length).toBe(219);
    expect(names.filter((name) => notPlayed.some(({ step }) => step === name))).toEqual([]);
    expect(notPlayed.filter(({ reason }) => reason.length <= 20)).toEqual([]);
  });
});
