import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compareRun } from "./compare-run.ts";
import { differencesOf, knownDifferences } from "./known-differences.ts";
import { providerEnvironment } from "./provider-environment.ts";
import { readRecording, recordingNames } from "./recording.ts";
import { type ObservedRun, runRecording } from "./run-recording.ts";
import { type ProviderProcess, startProvider } from "./start-provider.ts";
import { findTerraformBinary } from "./terraform-binary.ts";

const binary = findTerraformBinary();
const names = recordingNames();
const sockets = await mkdtemp(join(tmpdir(), "providers-"));
const providers = new Map<string, Promise<ProviderProcess>>();

afterAll(async () => {
  for (const provider of providers.values()) await (await provider).stop();
  await rm(sockets, { recursive: true });
  process.stdout.write(`${names.length} recorded runs, ${knownDifferences.length} known differences\n`);
});

describe.concurrent("the stand-in behaves as the real provider did in", () => {
  test.each(names)("%s", async (name) => {
    const recording = readRecording(name);
    const { reattach } = await providerFor(providerEnvironment(recording));
    const observed = await runRecording(recording, { binary, reattach });
    expectOnlyKnown(name, compareRun(recording, observed), observed);
  });
});

/** One process serves all steps with the same environment, side by side. */
function providerFor(environment: Readonly<Record<string, string>>): Promise<ProviderProcess> {
  const key = JSON.stringify(environment);
  const provider = providers.get(key) ?? startProvider(join(sockets, String(providers.size)), environment);
  providers.set(key, provider);
  return provider;
}

function expectOnlyKnown(step: string, differences: readonly string[], observed: ObservedRun): void {
  const known = differencesOf(step, binary);
  const unknown = differences.filter((line) => !known.some(({ difference }) => line.startsWith(difference)));
  const stale = known.filter(({ difference }) => !differences.some((line) => line.startsWith(difference)));
  const outputs = observed.phases.map(({ phase, output }) => `${phase}:\n${output}`).join("\n");
  expect(unknown, unknown.length === 0 ? "" : outputs).toEqual([]);
  expect(stale, "known differences that no longer show").toEqual([]);
}
