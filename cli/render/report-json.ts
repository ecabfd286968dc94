import { formatError } from "./format-error.ts";
import { withoutResults } from "./os/without-results.ts";
import type { Reporter } from "./reporter.ts";
import type { Screen } from "./screen.ts";

/** Prints each event as one line of JSON on stdout; errors go to stderr as sentences too. */
export function reportJson(screen: Screen): Reporter {
  return {
    report(event) {
      screen.print(JSON.stringify(withoutResults(event)));
      if (event.event === "error") screen.warn(formatError(event));
    },
    close: () => Promise.resolve(),
  };
}
