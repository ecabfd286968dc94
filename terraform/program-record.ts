import { join } from "node:path";
import { readJson, replaceJson } from "../lib/json-file.ts";
import { processStart } from "../lib/process-start.ts";

/** A program that was started in a stack's folder, may take the state's lock, and was not seen to end by itself. */
export interface ProgramRecord {
  readonly pid: number;
  /** See `processStart`. */
  readonly processStart: string;
  /** ISO 8601 */
  readonly startedAt: string;
}

interface ProgramTracker {
  /** Writes the program down. */
  begin(pid: number): void;
  /**
   * Tells how it ended. One that ended by itself gave its lock back; one that succeeded had the lock, so that nobody
   * before it has it any more.
   */
  end(ending: { readonly exitCode: number | undefined; readonly isGood: boolean }): Promise<void>;
}

const lockingCommands: ReadonlySet<string> = new Set(["plan", "apply", "import", "taint"]);
const mostRecords = 20;

/** Keeps records, in the stack's folder (absolute path), of programs for as long as they may hold the state's lock. */
export function trackProgram(path: string, command: string): ProgramTracker {
  let own: Promise<ProgramRecord | undefined> = Promise.resolve(undefined);
  return {
    begin: (pid) => {
      if (lockingCommands.has(command)) own = add(path, pid);
    },
    end: async ({ exitCode, isGood }) => {
      const record = await own;
      if (record === undefined || exitCode === undefined) return;
      const others = (await readProgramRecords(path)).filter(({ pid }) => pid !== record.pid);
      await replaceJson(recordFile(path), isGood ? [] : others);
    },
  };
}

async function add(path: string, pid: number): Promise<ProgramRecord | undefined> {
  const startedAt = new Date().toISOString();
  const start = await processStart(pid);
  // One that has ended so quickly left nothing behind.
  if (start === undefined) return undefined;
  const record: ProgramRecord = { pid, processStart: start, startedAt };
  const others = await readProgramRecords(path);
  await replaceJson(recordFile(path), [...others, record].slice(-mostRecords));
  return record;
}

/** The records of a folder, the oldest first. */
export async function readProgramRecords(path: string): Promise<readonly ProgramRecord[]> {
  return ((await readJson(recordFile(path))) as readonly ProgramRecord[] | undefined) ?? [];
}

function recordFile(path: string): string {
  return join(path, ".nixherd-programs.json");
}
