import { StringDecoder } from "node:string_decoder";
import { NixherdError } from "../lib/errors.ts";
import { type BoundedText, keepEnd } from "./bounded-text.ts";
import type { GuestConnection } from "./connection.ts";
import { describeGuest } from "./guest.ts";

export interface GuestCommand {
  /** One line for the user's shell on the machine. */
  readonly line: string;
  /** Standard input; none by default. */
  readonly input?: string;
  /** The deadline, after which the connection is closed. */
  readonly timeoutMs: number;
  /** Most that is kept of each of its outputs: the last characters. Defaults to 256 Ki. */
  readonly maxChars?: number;
}

/** What a command left behind. */
export interface GuestOutput {
  /** Undefined when a signal ended the command. */
  readonly exitCode: number | undefined;
  readonly stdout: BoundedText;
  readonly stderr: BoundedText;
  readonly durationMs: number;
}

const defaultMaxChars = 256 * 1024;

/**
 * Runs a command on a machine, without a terminal, until it ends. An exit code other than 0 is a result, not a failure.
 * @throws COMMAND_TIMED_OUT, SSH_REFUSED when the connection is lost
 */
export async function runOnGuest(connection: GuestConnection, command: GuestCommand): Promise<GuestOutput> {
  const { client, lost } = connection;
  const startedAtMs = performance.now();
  const stdout = keepEnd(command.maxChars ?? defaultMaxChars);
  const stderr = keepEnd(command.maxChars ?? defaultMaxChars);
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const onLost = () => reject(lost.reason);
  lost.addEventListener("abort", onLost, { once: true });
  const timer = setTimeout(() => {
    reject(timedOut(connection, command.timeoutMs));
    client.destroy();
  }, command.timeoutMs);
  try {
    lost.throwIfAborted();
    client.exec(command.line, (error, channel) => {
      if (error) return reject(notBegun(connection, error));
      let exitCode: number | undefined;
      let hasEnded = false;
      channel.on("exit", (code: number | null) => {
        hasEnded = true;
        exitCode = code ?? undefined;
      });
      // Without an exit status the connection broke, which says so itself.
      channel.on("close", () => (hasEnded ? resolve(exitCode) : undefined));
      collect(channel, stdout);
      collect(channel.stderr, stderr);
      channel.end(command.input ?? "");
    });
    const exitCode = await promise;
    return { exitCode, stdout, stderr, durationMs: Math.round(performance.now() - startedAtMs) };
  } finally {
    clearTimeout(timer);
    lost.removeEventListener("abort", onLost);
  }
}

function collect(stream: NodeJS.ReadableStream, kept: BoundedText): void {
  const decoder = new StringDecoder("utf8");
  stream.on("data", (chunk: Buffer) => kept.push(decoder.write(chunk)));
}

function notBegun({ guest }: GuestConnection, cause: Error): NixherdError {
  return new NixherdError("SSH_REFUSED", {
    message: `${describeGuest(guest)} did not begin the command: ${cause.message}.`,
    hint: "Check the limits of its sshd (MaxSessions) and that nothing forces another command on this login.",
    cause,
  });
}

function timedOut({ guest }: GuestConnection, timeoutMs: number): NixherdError {
  return new NixherdError("COMMAND_TIMED_OUT", {
    message: `A command on ${describeGuest(guest)} did not end within ${timeoutMs / 1000} s; the connection was closed, and it may go on there.`,
    hint: "Look at the machine's processes; give the command more time with --timeout.",
  });
}
