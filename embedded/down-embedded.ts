import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { embeddedFiles } from "./embedded-files.ts";
import { isRunning, type ProcessRecord, readProcessRecord } from "./process-record.ts";

const patienceMs = 15_000;

/** Stops the repository's embedded cluster and removes its files; false when none was running. */
export async function downEmbedded(root: string): Promise<boolean> {
  const files = embeddedFiles(root);
  const record = readProcessRecord(files);
  if (record !== undefined) await end(record);
  await rm(files.folder, { recursive: true, force: true });
  return record !== undefined;
}

/** Asks the process to end, and makes it after 15 seconds. It is asked who it is before each signal. */
async function end(record: ProcessRecord): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!isRunning(record)) return;
    process.kill(record.pid, signal);
    const deadline = performance.now() + patienceMs;
    while (isRunning(record) && performance.now() < deadline) await delay(25);
  }
}
