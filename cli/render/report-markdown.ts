import type { PipelineEvent } from "../pipeline/events.ts";
import { formatEvent } from "./format-event.ts";
import { planMarkdown } from "./plan-markdown.ts";
import type { Reporter } from "./reporter.ts";
import type { Screen } from "./screen.ts";

/** Prints one Markdown document on stdout at the end; notes and errors go to stderr at once. */
export function reportMarkdown(screen: Screen): Reporter {
  const events: PipelineEvent[] = [];
  const all = <Name extends PipelineEvent["event"]>(name: Name) =>
    events.filter((event): event is Extract<PipelineEvent, { readonly event: Name }> => event.event === name);
  return {
    report(event) {
      events.push(event);
      if (event.event !== "note" && event.event !== "error") return;
      const text = formatEvent(event, screen.paint);
      if (text !== undefined) screen.warn(text);
    },
    close() {
      const report = {
        plans: all("plan").map(({ plan }) => plan),
        objections: all("objections"),
        observed: all("observed"),
        strangers: all("strangers").flatMap(({ machines }) => machines),
        steps: all("steps"),
        warnings: all("problem").map(({ problem }) => problem),
        errors: all("error"),
      };
      screen.print(planMarkdown(report));
      return Promise.resolve();
    },
  };
}
