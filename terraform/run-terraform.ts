import { NixherdError } from "../lib/errors.ts";
import { maskSecrets } from "../lib/mask-secrets.ts";
import { type CommandResult, runCommand } from "../lib/run-command.ts";
import { parseEventLine, type TerraformEvent } from "./apply-events.ts";
import { deadlines } from "./deadlines.ts";
import { type Diagnostic, formatDiagnostic, readPlainDiagnostics } from "./diagnostic.ts";
import type { TerraformBinary } from "./find-binary.ts";
import { trackProgram } from "./program-record.ts";
import { findLockOwner } from "./stale-lock.ts";
import { terraformFailure } from "./terraform-failure.ts";

/** One stack's folder and the program that works in it. */
export interface TerraformFolder {
  readonly binary: TerraformBinary;
  /** Absolute path of the folder that holds cdk.tf.json. */
  readonly path: string;
  /** Interrupts the program, once, so that it ends cleanly and saves its state. */
  readonly interrupt?: AbortSignal | undefined;
  /** Told what was done besides the command itself, in a sentence. */
  readonly note?: ((text: string) => void) | undefined;
}

interface TerraformRun {
  readonly args: readonly string[];
  readonly timeoutMs: number;
  /** How long the program may take to end after an interruption. */
  readonly killAfterMs: number;
  /** Exit codes that are no failure. Defaults to 0 alone. */
  readonly goodExitCodes?: readonly number[];
  /** Given for commands with `-json` events on stdout. */
  readonly onEvent?: ((event: TerraformEvent) => void) | undefined;
  readonly maxOutputChars?: number;
  /** See `Command.outputFolder`. */
  readonly outputFolder?: string;
}

/** Further diagnostics are dropped: a thousand machines that fail for one reason tell it once. */
const mostDiagnostics = 200;

/** Lines in an unknown form that are kept for the error text. */
const mostUnknownLines = 50;

/**
 * Runs one sub-command in a stack's folder. A lock that a killed run of this folder left is released first, once.
 * @throws INTERRUPTED when it ended because of `interrupt`, else a failure as `terraformFailure` describes it
 */
export async function runTerraform(folder: TerraformFolder, run: TerraformRun): Promise<CommandResult> {
  try {
    return await runOnce(folder, run);
  } catch (error) {
    if (!(error instanceof NixherdError)) throw error;
    const owner = await findLockOwner(folder, error);
    if (owner?.state === "running") throw stillRunning(error, owner.pid);
    if (owner?.state !== "gone") throw error;
    await runOnce(folder, { args: ["force-unlock", "-force", owner.lock.id], ...deadlines.read });
    const { operation, who, since } = owner.lock;
    folder.note?.(`Released the state's lock: the ${operation} by ${who}, since ${since} UTC, was killed.`);
    return runOnce(folder, run);
  }
}

function stillRunning({ code, message, cause }: NixherdError, pid: number): NixherdError {
  return new NixherdError(code, {
    message: `${message}\nProcess ${pid}, started by an earlier run in this folder, still works on it.`,
    hint: `Wait until it has ended, or let it end cleanly with: kill -INT ${pid}`,
    cause,
  });
}

async function runOnce(folder: TerraformFolder, run: TerraformRun): Promise<CommandResult> {
  const events = collectEvents(run.onEvent);
  const program = trackProgram(folder.path, run.args[0] ?? "");
  const result = await runCommand({
    file: folder.binary.path,
    args: run.args,
    cwd: folder.path,
    env: { TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: "1" },
    timeoutMs: run.timeoutMs,
    killAfterMs: run.killAfterMs,
    interrupt: folder.interrupt,
    onStart: program.begin,
    onStdoutLine: run.onEvent === undefined ? undefined : events.readLine,
    outputFolder: run.outputFolder,
    ...(run.maxOutputChars === undefined ? {} : { maxOutputChars: run.maxOutputChars }),
  });
  const isGood = result.exitCode !== undefined && (run.goodExitCodes ?? [0]).includes(result.exitCode);
  await program.end({ exitCode: result.exitCode, isGood });
  if (isGood) return result;
  if (result.isInterrupted) throw interrupted(folder, run, result, events.diagnostics);
  throw terraformFailure({
    binary: folder.binary,
    path: folder.path,
    command: run.args[0] ?? "",
    exitCode: result.exitCode,
    diagnostics: [...events.diagnostics, ...readPlainDiagnostics(result.stderr)],
    otherWords: [...events.unknownLines, result.stderr].join("\n"),
  });
}

interface CollectedEvents {
  readonly diagnostics: Diagnostic[];
  readonly unknownLines: string[];
  readLine(line: string): void;
}

function collectEvents(onEvent: ((event: TerraformEvent) => void) | undefined): CollectedEvents {
  const diagnostics: Diagnostic[] = [];
  const unknownLines: string[] = [];
  return {
    diagnostics,
    unknownLines,
    readLine(line) {
      const event = parseEventLine(line);
      if (event.type === "diagnostic" && event.diagnostic.severity === "error") {
        if (diagnostics.length < mostDiagnostics) diagnostics.push(event.diagnostic);
      } else if (event.type === "unknown") {
        unknownLines.push(line);
        if (unknownLines.length > mostUnknownLines) unknownLines.shift();
      }
      onEvent?.(event);
    },
  };
}

function interrupted(
  folder: TerraformFolder,
  run: TerraformRun,
  result: CommandResult,
  diagnostics: readonly Diagnostic[],
): NixherdError {
  const ending =
    result.exitCode === undefined
      ? `was killed, as it had not ended ${run.killAfterMs / 1000} s after the interruption`
      : "ended cleanly";
  const words = diagnostics.filter(({ summary }) => summary !== "execution halted").map(formatDiagnostic);
  return new NixherdError("INTERRUPTED", {
    message: maskSecrets(
      [`${folder.binary.product} ${run.args[0]} was interrupted and ${ending}.`, ...words].join("\n"),
    ),
    hint: "Run the command again: it goes on from the state that was saved.",
  });
}
