import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Downloads, openDownloads } from "./packer-builds/downloads.ts";
import { type Comparison, playStep } from "./packer-builds/play-step.ts";
import { readSteps } from "./packer-builds/recording.ts";

/** Calls that are answered differently, all for one reason. */
interface KnownDifferences {
  /** Step and number of each call: `01-clone #3`. */
  readonly calls: readonly string[];
  readonly kind: "deliberate" | "recording";
  readonly reason: string;
}

const truthFile = join(import.meta.dirname, "../../truth/known-differences.json");
const truth: { readonly packer: readonly KnownDifferences[] } = JSON.parse(readFileSync(truthFile, "utf8"));
const knownCalls = truth.packer.flatMap(({ calls }) => calls);
const steps = readSteps();

function idOf({ name }: Comparison): string {
  return name.split(" ", 2).join(" ");
}

describe("replaying the builds of a real Packer on a real Proxmox VE 9.2.11", () => {
  const played = new Map<string, readonly Comparison[]>();
  let downloads: Downloads;

  beforeAll(async () => {
    downloads = await openDownloads();
    const nobody = await openDownloads();
    await nobody.stop();
    const hosts = { files: downloads.host, nobody: nobody.host };
    for (const step of steps) played.set(step.head.step, await playStep(step, hosts));
  });

  afterAll(async () => {
    await downloads.stop();
    const comparisons = [...played.values()].flat();
    const differing = comparisons.filter(({ isEqual }) => !isEqual).length;
    const counts = `${comparisons.length} answers in ${played.size} of ${steps.length} steps compared`;
    process.stdout.write(
      `Packer builds: ${counts}, ${comparisons.length - differing} equal, ${differing} known differences\n`,
    );
  });

  const known = new Set(knownCalls);

  test.each(steps.map(({ head }) => [head.step]))("%s is answered as recorded", (step) => {
    const unknown = played.get(step)?.filter((comparison) => !known.has(idOf(comparison))) ?? [];
    const answers = (side: "recorded" | "ours") =>
      unknown.map((each) => ({ name: each.name, answer: each[side] }));
    expect(played.get(step)).toBeDefined();
    expect(answers("ours")).toEqual(answers("recorded"));
  });

  test("every call on the list of differences still differs", () => {
    const differing = [...played.values()].flat().filter(({ isEqual }) => !isEqual);
    expect(differing.map(idOf).sort()).toEqual([...knownCalls].sort());
  });

  test("the list of differences names each call once and gives reasons", () => {
    expect(known.size).toBe(knownCalls.length);
    expect(truth.packer.every(({ reason }) => reason.length > 20)).toBe(true);
  });
});
