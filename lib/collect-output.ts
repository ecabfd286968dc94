import type { Readable } from "node:stream";
import { readLines } from "./read-lines.ts";

interface CollectOptions {
  readonly onLine?: ((line: string) => void) | undefined;
  /** Most that is kept; "tail" keeps the last 64 Ki characters and never overflows. */
  readonly maxChars: number | "tail";
  /** Called once, when the stream holds more than `maxChars`; what comes later is dropped. */
  readonly onOverflow?: () => void;
}

export interface CollectedOutput {
  text(): string;
  isOverflown(): boolean;
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
  return keep;
}

interface Keeper extends CollectedOutput {
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
