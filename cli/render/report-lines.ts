import { formatEvent } from "./format-event.ts";
import type { Reporter } from "./reporter.ts";
import type { Screen } from "./screen.ts";

/** Prints each event as plain lines: progress on stdout, notes and errors on stderr. */
export function reportLines(screen: Screen): Reporter {
  return {
    report(event) {
      const text = formatEvent(event, screen.paint);
      if (text === undefined) return;
      if (event.event === "error" || event.event === "note") screen.warn(text);
      else screen.print(text);
    },
    close: () => Promise.resolve(),
  };
}
