import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import type { EmbeddedEnvironment } from "./embedded-environment.ts";
import type { EmbeddedFiles } from "./embedded-files.ts";

/** What the process that runs an embedded cluster writes about itself. */
export interface ProcessRecord {
  readonly pid: number;
  /** Random word in the process's arguments: tells it from a later process with the same id. */
  readonly startToken: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Present once the cluster is ready. */
  readonly environment?: EmbeddedEnvironment;
}

/** Reads the record of the process that runs the cluster; undefined when there is none or that process is gone. */
export function readProcessRecord(files: EmbeddedFiles): ProcessRecord | undefined {
  if (!existsSync(files.process)) return undefined;
  const record: ProcessRecord = JSON.parse(readFileSync(files.process, "utf8"));
  return isRunning(record) ? record : undefined;
}

/** Writes the record for the first time; false when another process has done so. */
export function claimProcessRecord(files: EmbeddedFiles, record: ProcessRecord): boolean {
  mkdirSync(files.folder, { recursive: true, mode: 0o700 });
  const draft = `${files.process}.${record.startToken}`;
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  try {
    // A link is made at once and never over another file: nobody reads half a record, and only one process wins.
    linkSync(draft, files.process);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Replaces the record that this process has claimed. */
export function updateProcessRecord(files: EmbeddedFiles, record: ProcessRecord): void {
  const draft = `${files.process}.${record.startToken}`;
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  renameSync(draft, files.process);
}

/** Is the process of a record alive, and still the one that wrote it? */
export function isRunning(record: ProcessRecord): boolean {
  return processArguments(record.pid).includes(record.startToken);
}

function processArguments(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  // macOS has no /proc. ps ends with 1 when there is no such process.
  try {
    return execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    if ((error as { status?: number }).status === 1 || process.platform === "linux") return "";
    throw error;
  }
}
