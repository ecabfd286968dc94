import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareRun } from "../recorded-runs/compare-run.ts";
import { providerEnvironment } from "../recorded-runs/provider-environment.ts";
import { startRecordedServer } from "../recorded-runs/recorded-server.ts";
import type { Recording } from "../recorded-runs/recording.ts";
import { runRecording } from "../recorded-runs/run-recording.ts";
import { startProvider } from "../recorded-runs/start-provider.ts";

/** A step that was played. */
interface PlayedScenarioStep {
  readonly differences: readonly string[];
  /** What the commands printed. */
  readonly outputs: string;
}

/** Plays steps, side by side if need be, over one provider process. */
export interface ScenarioPlayer {
  readonly play: (recording: Recording, binary: string) => Promise<PlayedScenarioStep>;
  readonly stop: () => Promise<void>;
}

/** Starts our provider and gives it the recorded answers, step by step. */
export async function createScenarioPlayer(anyStep: Recording): Promise<ScenarioPlayer> {
  const folder = await mkdtemp(join(tmpdir(), "provider-"));
  const provider = await startProvider(join(folder, "socket"), providerEnvironment(anyStep));
  return {
    play: async (recording, binary) => {
      const tools = { binary, reattach: provider.reattach, startServer: startRecordedServer };
      const observed = await runRecording(recording, tools);
      return {
        differences: compareRun(recording, observed, "recorded"),
        outputs: observed.phases.map(({ phase, output }) => `${phase}:\n${output}`).join("\n"),
      };
    },
    stop: async () => {
      await provider.stop();
      await rm(folder, { recursive: true });
    },
  };
}
