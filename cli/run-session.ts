import { errorCodes } from "../lib/error-codes.ts";
import { maskSecretsIn } from "../lib/mask-secrets.ts";
import { watchInterruption } from "./interruption.ts";
import { asNixherdError } from "./pipeline/as-nixherd-error.ts";
import type { PipelineContext } from "./pipeline/context.ts";
import { reportError } from "./pipeline/each-stack.ts";
import type { Report } from "./pipeline/events.ts";
import { findRoot } from "./pipeline/find-root.ts";
import { reportJson } from "./render/report-json.ts";
import { reportLines } from "./render/report-lines.ts";
import type { Reporter } from "./render/reporter.ts";
import { openScreen, type Screen } from "./render/screen.ts";

/** What a command works with. */
export interface Session extends PipelineContext {
  readonly screen: Screen;
}

interface SessionOptions {
  /** Print events as lines of JSON. */
  readonly json?: boolean | undefined;
  /** Show a list that redraws itself while plans are applied, if stdout is a terminal. */
  readonly hasList?: boolean;
}

/**
 * Runs a command in the repository around the working directory, and ends the process with its exit code: the one it
 * returns, that of the error it throws, or 130 when it was interrupted.
 */
export async function runSession(
  options: SessionOptions,
  command: (session: Session) => Promise<number>,
): Promise<void> {
  const screen = openScreen();
  const reporter = await openReporter(options, screen);
  // Hooks print what they like: nothing leaves without its secrets masked.
  const report: Report = (event) => reporter.report(maskSecretsIn(event));
  const unfinished: Session["unfinished"] = new Set();
  const interruption = watchInterruption({
    say: (text) => report({ event: "note", text }),
    unfinished: () => [...unfinished].flatMap((tell) => tell()),
  });
  try {
    const root = findRoot(process.cwd());
    const exitCode = await command({ root, interrupt: interruption.signal, report, unfinished, screen });
    await reporter.close();
    process.exitCode = interruption.signal.aborted ? errorCodes.INTERRUPTED.exitCode : exitCode;
  } catch (thrown) {
    await reporter.close();
    const error = asNixherdError(thrown);
    reportError(report, error);
    process.exitCode = error.exitCode;
  } finally {
    interruption.stop();
  }
}

async function openReporter({ json, hasList }: SessionOptions, screen: Screen): Promise<Reporter> {
  if (json) return reportJson(screen);
  if (!hasList || !screen.isTerminal) return reportLines(screen);
  // The list is the one heavy part of the output, and only people on a terminal see it.
  const { reportList } = await import("./render/report-list.ts");
  return reportList(screen);
}
