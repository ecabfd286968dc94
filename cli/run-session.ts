import { errorCodes } from "../lib/error-codes.ts";
import { maskSecretsIn } from "../lib/mask-secrets.ts";
import type { RunRecord } from "../reconcile/record-run.ts";
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
  /** Print one Markdown document at the end. */
  readonly isMarkdown?: boolean;
  /** Show a list that redraws itself, if stdout is a terminal: while plans are applied (true), or one of machines. */
  readonly hasList?: boolean | "machines";
  /** Keep a record of the run in `.nixherd/runs/`: for commands that change machines. */
  readonly isRecorded?: boolean;
  /** It runs until it is interrupted, so an interruption is its ordinary end. */
  readonly isService?: boolean;
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
  let record: RunRecord | undefined;
  const report: Report = (event) => {
    const masked = maskSecretsIn(event);
    record?.write(masked);
    reporter.report(masked);
  };
  const end = (exitCode: number): void => {
    process.exitCode = exitCode;
    record?.end(exitCode);
  };
  const unfinished: Session["unfinished"] = new Set();
  const interruption = watchInterruption({
    say: (text) => report({ event: "note", text }),
    unfinished: () => [...unfinished].flatMap((tell) => tell()),
  });
  try {
    const root = findRoot(process.cwd());
    if (options.isRecorded) record = await beginRecord(root);
    const exitCode = await command({ root, interrupt: interruption.signal, report, unfinished, screen });
    await reporter.close();
    end(interruption.signal.aborted && !options.isService ? errorCodes.INTERRUPTED.exitCode : exitCode);
  } catch (thrown) {
    await reporter.close();
    const error = asNixherdError(thrown);
    reportError(report, error);
    end(error.exitCode);
  } finally {
    interruption.stop();
  }
}

async function beginRecord(root: string): Promise<RunRecord> {
  const { recordRun } = await import("../reconcile/record-run.ts");
  return recordRun({ root, command: maskSecretsIn(process.argv.slice(2)), now: new Date() });
}

async function openReporter(
  { json, isMarkdown, hasList }: SessionOptions,
  screen: Screen,
): Promise<Reporter> {
  if (json) return reportJson(screen);
  if (isMarkdown) return (await import("./render/report-markdown.ts")).reportMarkdown(screen);
  if (!hasList || !screen.isTerminal) return reportLines(screen);
  // The list is the one heavy part of the output, and only people on a terminal see it.
  if (hasList === "machines") {
    const { reportMachines } = await import("./render/os/report-machines.ts");
    return reportMachines(screen);
  }
  const { reportList } = await import("./render/report-list.ts");
  return reportList(screen);
}
