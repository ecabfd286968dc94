import type { Report } from "./events.ts";

/** What every step of a command shares. */
export interface PipelineContext {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Aborts when the user interrupts the command. */
  readonly interrupt: AbortSignal;
  readonly report: Report;
  /** Says in a line each what an interrupted command still waits for. */
  readonly unfinished: Set<() => readonly string[]>;
}
