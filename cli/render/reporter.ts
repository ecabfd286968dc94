import type { Report } from "../pipeline/events.ts";

/** Shows what the commands tell. */
export interface Reporter {
  readonly report: Report;
  /** Resolves when everything told so far is shown. */
  close(): Promise<void>;
}
