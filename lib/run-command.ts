import type { Readable } from "node:stream";
import { execa } from "execa";
import { type CollectedOutput, collectOutput } from "./collect-output.ts";
import { NixherdError } from "./errors.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { type OutputFile, openOutputFile } from "./output-file.ts";

export interface Command {
  /** A name looked up on PATH, or a path. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** What the command reads on stdin. Defaults to nothing. */
  readonly input?: string | Readable;
  /** Laid over this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The deadline; when it passes the command is interrupted. */
  readonly timeoutMs: number;
  /** How long an interrupted command may take to end before it is killed. Defaults to 10 seconds. */
  readonly killAfterMs?: number;
  /** Interrupts the command when it aborts. */
  readonly interrupt?: AbortSignal | undefined;
  /** Told the id of the process, as soon as there is one. */
  readonly onStart?: ((pid: number) => void) | undefined;
  /** Receives stdout line by line; the result then keeps only its end. */
  readonly onStdoutLine?: ((line: string) => void) | undefined;
  /** Receives stderr line by line; the result keeps its end in any case. */
  readonly onStderrLine?: ((line: string) => void) | undefined;
  /**
   * Existing folder in which files take the output, so that the command does not notice the end of this process and
   * goes on without it. Defaults to pipes: a command that writes into one that nobody reads any more is ended.
   */
  readonly outputFolder?: string | undefined;
  /** Most that stdout may hold when nobody receives its lines. Defaults to 16 Mi characters. */
  readonly maxOutputChars?: number;
}

export interface CommandResult {
  /** Undefined when a signal ended the command. */
  readonly exitCode: number | undefined;
  /** Whole, or its last 64 Ki characters when lines were received. */
  readonly stdout: string;
  /** The last 64 Ki characters. */
  readonly stderr: string;
  /** True when `interrupt` aborted before the command ended. */
  readonly isInterrupted: boolean;
  readonly durationMs: number;
}

const defaultKillAfterMs = 10_000;
const defaultMaxOutputChars = 16 * 1024 * 1024;

/**
 * Runs a command in a process group of its own, without a terminal, until it ends.
 * An interruption reaches the whole group as SIGINT, once, as Ctrl-C does on a terminal; SIGKILL follows only after `killAfterMs`.
 * An exit code other than 0 is a result, not a failure.
 * @throws COMMAND_NOT_STARTED, COMMAND_TIMED_OUT, OUTPUT_TOO_LARGE
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  const files = openFiles(command.outputFolder);
  const child = startCommand(command, files);
  const end = endOf(child);
  if (child.pid !== undefined) command.onStart?.(child.pid);
  const stdout = collectOutput(files?.stdout.follow(end) ?? child.stdout, {
    onLine: command.onStdoutLine,
    maxChars: command.onStdoutLine ? "tail" : (command.maxOutputChars ?? defaultMaxOutputChars),
    onOverflow: () => child.kill(),
  });
  const stderr = collectOutput(files?.stderr.follow(end) ?? child.stderr, {
    onLine: command.onStderrLine,
    maxChars: "tail",
  });
  const ended = await child;
  await Promise.all([stdout.isRead, stderr.isRead]);
  if (ended.timedOut) throw timedOut(command, stderr);
  if (stdout.isOverflown()) throw tooLarge(command);
  if (!ended.isCanceled && ended.exitCode === undefined && ended.signal === undefined) {
    throw notStarted(command, ended);
  }
  return {
    exitCode: ended.exitCode,
    stdout: stdout.text(),
    stderr: stderr.text(),
    isInterrupted: ended.isCanceled,
    durationMs: ended.durationMs,
  };
}

interface OutputFiles {
  readonly stdout: OutputFile;
  readonly stderr: OutputFile;
}

function openFiles(folder: string | undefined): OutputFiles | undefined {
  if (folder === undefined) return undefined;
  return { stdout: openOutputFile(folder, "stdout"), stderr: openOutputFile(folder, "stderr") };
}

/** Aborts when the command has ended, whatever way. */
function endOf(child: PromiseLike<unknown>): AbortSignal {
  const end = new AbortController();
  const abort = () => end.abort();
  child.then(abort, abort);
  return end.signal;
}

/** Where an output goes. The library takes any descriptor, but its types know the standard ones only. */
function target(file: OutputFile | undefined): "pipe" {
  return (file?.descriptor ?? "pipe") as "pipe";
}

function startCommand(command: Command, files: OutputFiles | undefined) {
  return execa(command.file, command.args, {
    cwd: command.cwd,
    ...(command.env === undefined ? {} : { env: { ...command.env } as Record<string, string> }),
    ...(command.input === undefined ? { stdin: "ignore" } : { input: command.input }),
    stdout: target(files?.stdout),
    stderr: target(files?.stderr),
    buffer: false,
    reject: false,
    cleanup: files === undefined,
    killDescendants: true,
    killSignal: "SIGINT",
    forceKillAfterDelay: command.killAfterMs ?? defaultKillAfterMs,
    timeout: command.timeoutMs,
    ...(command.interrupt === undefined ? {} : { cancelSignal: command.interrupt }),
  });
}

/** The command as it is shown in error texts: its name and arguments, secrets masked. */
function shownCommand({ file, args }: Command): string {
  return maskSecrets([file, ...args].join(" "));
}

function timedOut(command: Command, stderr: CollectedOutput): NixherdError {
  const lastWords = maskSecrets(stderr.text()).trim().split("\n").slice(-3).join("\n");
  return new NixherdError("COMMAND_TIMED_OUT", {
    message:
      `"${shownCommand(command)}" did not end within ${command.timeoutMs / 1000} s and was stopped.` +
      (lastWords === "" ? "" : ` Its last words: ${lastWords}`),
    hint: "Find out what it was waiting for, then run the command again.",
  });
}

function tooLarge(command: Command): NixherdError {
  const limitChars = command.maxOutputChars ?? defaultMaxOutputChars;
  return new NixherdError("OUTPUT_TOO_LARGE", {
    message: `"${shownCommand(command)}" printed more than ${limitChars} characters and was stopped.`,
    hint: "Split the stack: put some of its specs into another folder of vm-specs/.",
  });
}

function notStarted(command: Command, cause: unknown): NixherdError {
  const reason = cause instanceof Error ? maskSecrets(cause.message.split("\n")[0] ?? "") : "";
  return new NixherdError("COMMAND_NOT_STARTED", {
    message: `"${shownCommand(command)}" could not be started. ${reason}`.trimEnd(),
    hint: `Check that ${command.file} exists and may be executed.`,
    cause,
  });
}
