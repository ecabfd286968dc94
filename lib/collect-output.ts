import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { readLines } from "./read-lines.ts";

interface CollectOptions {
  readonly onLine?: ((line: string) => void) | undefined;
  /** Most that is kept; "tail" keeps the last 64 Ki characters and never overflows. */
  readonly maxChars: number | "tail";
  /** Called once, when the stream holds more than `maxChars`; what comes later is dropped. */
  readonly onOverflow?: () => void;
}

interface KeptOutput {
  text(): string;
  isOverflown(): boolean;
}

export interface CollectedOutput extends KeptOutput {
  /** Settles when everything was read and handed on. */
  readonly isRead: Promise<void>;
}

const tailChars = 64 * 1024;

/** Reads a process's output as UTF-8, hands its lines on and keeps a bounded part of it. */
export function collectOutput(stream: Readable, options: CollectOptions): CollectedOutput {
  const lines = options.onLine === undefined ? undefined : readLines(options.onLine);
  const keep = options.maxChars === "tail" ? keepTail() : keepUpTo(options.maxChars, options.onOverflow);
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    lines?.push(chunk);
    keep.push(chunk);
  });
  stream.on("end", () => lines?.end());
  return { ...keep, isRead: untilRead(stream) };
}

/** A stream that breaks off has nothing more to read; why it did is told by the command's own end. */
async function untilRead(stream: Readable): Promise<void> {
  await finished(stream, { writable: false }).catch(() => undefined);
}

interface Keeper extends KeptOutput {
  push(chunk: string): void;
}

function keepTail(): Keeper {
  let kept = "";
  return {
    push(chunk) {
      kept += chunk;
      // Cut rarely: cutting at every chunk would copy the whole tail each time.
      if (kept.length > 2 * tailChars) kept = kept.slice(-tailChars);
    },
    text: () => kept.slice(-tailChars),
    isOverflown: () => false,
  };
}

function keepUpTo(maxChars: number, onOverflow: (() => void) | undefined): Keeper {
  const chunks: string[] = [];
  let length = 0;
  return {
    push(chunk) {
      if (length > maxChars) return;
      length += chunk.length;
      chunks.push(chunk);
      if (length > maxChars) onOverflow?.();
    },
    text: () => chunks.join(""),
    isOverflown: () => length > maxChars,
  };
}
