import { appendFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { readRevision } from "./read-revision.ts";

/** Records that are kept; the journal keeps a line of every run. */
const mostRecords = 200;

interface RunFacts {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Words of the command line after the program's name, secrets masked. */
  readonly command: readonly string[];
  readonly now: Date;
}

/** The record of one run that changes machines. */
export interface RunRecord {
  /** Adds an event; it is in the file when this returns, so that a killed run leaves all that it told. */
  write(event: object): void;
  /** Adds the ending, and one line to the journal. */
  end(exitCode: number): void;
}

/**
 * Begins `.nixherd/runs/<time>-<pid>.jsonl`: who runs what, on which revision; then events as JSON lines; then how it
 * ended. `.nixherd/journal.jsonl` gets one line a run and is never shortened. Events must have their secrets masked.
 */
export async function recordRun({ root, command, now }: RunFacts): Promise<RunRecord> {
  const folder = join(root, ".nixherd", "runs");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const id = `${now.toISOString().replace(/[:.]/g, "-")}-${process.pid}`;
  const file = join(folder, `${id}.jsonl`);
  const startedAtMs = performance.now();
  const facts = {
    id,
    startedAt: now.toISOString(),
    user: userInfo().username,
    host: hostname(),
    command,
    revision: await revisionText(root),
  };
  const append = (target: string, value: object): void =>
    appendFileSync(target, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  append(file, { event: "run", ...facts });
  forgetOldest(folder);
  return {
    write: (event) => append(file, event),
    end: (exitCode) => {
      const ending = { exitCode, durationMs: Math.round(performance.now() - startedAtMs) };
      append(file, { event: "end", ...ending });
      append(join(root, ".nixherd", "journal.jsonl"), { ...facts, ...ending });
    },
  };
}

/** The commit, with "+" when the working tree differs from it; "" outside of git. */
async function revisionText(root: string): Promise<string> {
  const revision = await readRevision(root);
  return revision === undefined ? "" : `${revision.commit}${revision.isChanged ? "+" : ""}`;
}

/** Names begin with the time, so the oldest are the first. */
function forgetOldest(folder: string): void {
  const names = readdirSync(folder).toSorted();
  for (const name of names.slice(0, Math.max(0, names.length - mostRecords))) rmSync(join(folder, name));
}
