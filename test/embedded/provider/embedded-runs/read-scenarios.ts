import { readdirSync, readFileSync } from "node:fs";
import type {
  RecordedChange,
  RecordedPhase,
  RecordedResource,
  Recording,
} from "../recorded-runs/recording.ts";

/** A scenario as it lies in its file: steps in one workspace, one after the other. */
interface Scenario {
  readonly scenario: string;
  readonly steps: readonly ScenarioStep[];
}

interface ScenarioStep {
  readonly step: string;
  /** Resources, data sources, imports and outputs; the provider's block is the same everywhere. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly phases: readonly RecordedPhase[];
  readonly plan?: readonly RecordedChange[];
  readonly replan?: readonly RecordedChange[];
  readonly state?: readonly RecordedResource[];
}

const folder = new URL("../../../recordings/provider-embedded/", import.meta.url);

const surroundings = {
  terraform: { required_providers: { proxmox: { source: "bpg/proxmox", version: "0.111.1" } } },
  provider: { proxmox: [{ endpoint: "https://127.0.0.1:18006/", insecure: true }] },
};

/** Every step of every scenario: the real provider 0.111.1 against the embedded Proxmox VE. */
export function readScenarioSteps(): readonly Recording[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .flatMap((name) => recordingsOf(JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Scenario));
}

// A step begins with the state that the steps before it left.
function recordingsOf({ scenario, steps }: Scenario): readonly Recording[] {
  let before: readonly RecordedResource[] = [];
  return steps.map(({ step, config, ...rest }) => {
    const recording = {
      ...rest,
      step: `${scenario}: ${step}`,
      config: { ...surroundings, ...config },
      before,
    };
    before = rest.state ?? before;
    return recording;
  });
}

/** Whether a step belongs to the run of every commit: it makes or changes something, or refuses a configuration. */
export function isShort({ step }: Recording): boolean {
  return !/: (destroy$|missing-|bad-)/.test(step);
}
