import type { CallServer } from "./call-server.ts";
import type { RecordedPhase } from "./recording.ts";

/** What a step's provider talks to: recorded answers, or the embedded Proxmox VE. */
export interface StepServer extends CallServer {
  /** Where the files are that the step downloads; absent means where they were. */
  readonly web?: string;
  /** Makes ready for the next command of the step, and forgets the calls of the one before. */
  readonly beginPhase: (phase: RecordedPhase) => void;
}
