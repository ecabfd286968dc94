import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { NixherdError } from "../../lib/errors.ts";
import { readJson } from "../../lib/json-file.ts";
import { processStart } from "../../lib/process-start.ts";
import { watchFiles } from "./watch-files.ts";

/** The process that watches a repository. */
export interface Watcher {
  readonly pid: number;
  /** See `processStart`: an id alone may belong to another process by now. */
  readonly processStart: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The watcher that runs; undefined when there is none, whatever one that was killed left behind. */
export async function runningWatcher(root: string): Promise<Watcher | undefined> {
  const found = (await readJson(watchFiles(root).lock)) as Watcher | undefined;
  if (found === undefined) return undefined;
  return (await processStart(found.pid)) === found.processStart ? found : undefined;
}

/**
 * Makes this process the repository's only watcher until the returned function is called. What a killed one left is
 * taken over.
 * @throws WATCHER_RUNNING
 */
export async function claimWatcher(root: string, now: Date): Promise<() => Promise<void>> {
  const { lock } = watchFiles(root);
  const start = (await processStart(process.pid)) ?? "";
  const own: Watcher = { pid: process.pid, processStart: start, startedAt: now.toISOString() };
  await mkdir(dirname(lock), { recursive: true });
  if (!(await place(lock, own))) {
    const other = await runningWatcher(root);
    if (other !== undefined) throw alreadyRunning(other);
    await rm(lock, { force: true });
    // Two that found the same leftover at once: one of them comes second here.
    if (!(await place(lock, own))) throw alreadyRunning(await runningWatcher(root));
  }
  return async () => {
    const text = await readFile(lock, "utf8").catch(() => "");
    if (text === JSON.stringify(own)) await rm(lock, { force: true });
  };
}

/** A file that appears with all that is in it, or not at all. */
async function place(lock: string, watcher: Watcher): Promise<boolean> {
  const draft = `${lock}.${watcher.pid}`;
  await writeFile(draft, JSON.stringify(watcher));
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function alreadyRunning(other: Watcher | undefined): NixherdError {
  const who = other === undefined ? "" : ` (process ${other.pid}, since ${other.startedAt})`;
  return new NixherdError("WATCHER_RUNNING", {
    message: `Another watcher runs for this repository${who}.`,
    hint: "nixherd status --watch shows what it does; end it before you start another one.",
  });
}
