import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answers, compareRun } from "./compare-run.ts";
import { startEmbeddedServer } from "./embedded-server.ts";
import { differencesOf } from "./known-differences.ts";
import { providerEnvironment } from "./provider-environment.ts";
import { startRecordedServer } from "./recorded-server.ts";
import { readRecording } from "./recording.ts";
import { runRecording } from "./run-recording.ts";
import { type ProviderProcess, startProvider } from "./start-provider.ts";

/** What a step was played and compared like. */
interface PlayedStep {
  /** Differences that nobody listed. */
  readonly unknown: readonly string[];
  /** Listed differences that did not show. */
  readonly stale: readonly string[];
  /** What the commands printed. */
  readonly outputs: string;
}

/** Plays recorded steps, side by side if need be, with one provider process for each environment that they need. */
export interface StepPlayer {
  readonly play: (step: string, answers: Answers, binary: string) => Promise<PlayedStep>;
  readonly stop: () => Promise<void>;
}

const servers = { recorded: startRecordedServer, embedded: startEmbeddedServer } as const;

/** Makes a player; its providers start when the first step needs them. */
export async function createStepPlayer(): Promise<StepPlayer> {
  const sockets = await mkdtemp(join(tmpdir(), "providers-"));
  const providers = new Map<string, Promise<ProviderProcess>>();
  const providerFor = (environment: Readonly<Record<string, string>>): Promise<ProviderProcess> => {
    const key = JSON.stringify(environment);
    const provider = providers.get(key) ?? startProvider(join(sockets, String(providers.size)), environment);
    providers.set(key, provider);
    return provider;
  };
  return {
    play: async (step, answers, binary) => {
      const recording = readRecording(step);
      const { reattach } = await providerFor(providerEnvironment(recording));
      const observed = await runRecording(recording, { binary, reattach, startServer: servers[answers] });
      const differences = compareRun(recording, observed, answers);
      const known = differencesOf({ step, answers, binary });
      return {
        unknown: differences.filter((line) => !known.some(({ difference }) => line.startsWith(difference))),
        stale: known
          .filter(({ difference }) => !differences.some((line) => line.startsWith(difference)))
          .map(({ difference }) => difference),
        outputs: observed.phases.map(({ phase, output }) => `${phase}:\n${output}`).join("\n"),
      };
    },
    stop: async () => {
      for (const provider of providers.values()) await (await provider).stop();
      await rm(sockets, { recursive: true });
    },
  };
}
