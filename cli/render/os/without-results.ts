import type { PipelineEvent } from "../../pipeline/events.ts";

/** An event as programs get it: the end of a command does not repeat what each machine's own event told. */
export function withoutResults(event: PipelineEvent): PipelineEvent {
  if (event.event !== "os-end") return event;
  return { ...event, results: event.results.map(({ result: _, ...rest }) => rest) };
}
