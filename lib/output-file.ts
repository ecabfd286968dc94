import { closeSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** A file that a running command writes and this process reads at the same time. */
export interface OutputFile {
  /** What the command gets in the place of a pipe. */
  readonly descriptor: number;
  /** What is written, as it comes; ends when `end` is aborted and all of it was read. Call it once. */
  follow(end: AbortSignal): Readable;
}

/** How long a line waits for its reader at most. */
const pollMs = 40;
const chunkBytes = 64 * 1024;

/** Opens a new file in a folder, readable by its owner only. */
export function openOutputFile(folder: string, name: string): OutputFile {
  const path = join(folder, name);
  const descriptor = openSync(path, "w", 0o600);
  return { descriptor, follow: (end) => Readable.from(read(path, descriptor, end), { objectMode: false }) };
}

async function* read(path: string, descriptor: number, end: AbortSignal): AsyncGenerator<Buffer> {
  const file = await open(path, "r");
  try {
    for (;;) {
      // Asked before the read: whatever comes after the end was aborted is none of the command's.
      const isOver = end.aborted;
      const chunk = Buffer.alloc(chunkBytes);
      const { bytesRead } = await file.read(chunk, 0, chunkBytes);
      if (bytesRead > 0) yield chunk.subarray(0, bytesRead);
      else if (isOver) return;
      else await sleep(pollMs, undefined, { signal: end }).catch(() => undefined);
    }
  } finally {
    await file.close();
    closeSync(descriptor);
  }
}
