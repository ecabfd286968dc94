import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { describeReadFailure } from "./describe-read-failure.ts";

/** Largest file that is read, in bytes; a spec has a few kilobytes. */
const maxBytes = 1024 * 1024;

type TextResult = { readonly text: string } | { readonly problem: string };

/** Reads a regular UTF-8 file of at most 1 MiB; says in one sentence why it cannot. */
export function readText(path: string): TextResult {
  try {
    return readRegularFile(path);
  } catch (error) {
    return { problem: describeReadFailure(error) };
  }
}

function readRegularFile(path: string): TextResult {
  // Without O_NONBLOCK, opening a named pipe waits for a writer for ever.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { problem: "is not a regular file (expected a file)" };
    if (stat.size > maxBytes) {
      return {
        problem: `is too large (expected at most 1 MiB, got ${(stat.size / maxBytes).toFixed(1)} MiB)`,
      };
    }
    return decode(readFileSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function decode(bytes: Buffer): TextResult {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof TypeError) return { problem: "is not UTF-8 (expected UTF-8 text)" };
    throw error;
  }
}
