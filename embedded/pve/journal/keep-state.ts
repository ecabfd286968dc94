import type { Cluster } from "../state/cluster.ts";
import { type Change, createComparison } from "./changed-records.ts";
import { replaceJournal } from "./journal-file.ts";
import { toPlain } from "./plain-value.ts";

/** Keeps a cluster's state on disk. */
export interface StateKeeper {
  /**
   * Resolves when everything that happened so far is written; calls that come together share one write. A call that
   * changed nothing only waits while tasks run, which may have.
   */
  settle(isChange: boolean): Promise<void> | void;
  /** Writes what is left and ends. */
  stop(): void;
}

interface KeepOptions {
  /** Absolute path of the journal. */
  readonly file: string;
  /** What is kept besides, by name; plain data that does not change. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** What happens without any call (a machine starts again by itself) is written within this time. */
const deadlineMs = 1000;

/** A journal is written anew when it is longer than this, and twice as long as it then was. */
const roomyBytes = 4 * 1024 ** 2;

function hasRunningTasks({ tasks }: Cluster): boolean {
  for (const task of tasks.values()) if (task.exitStatus === undefined) return true;
  return false;
}

/** One line of the journal: all of these changes, or none. */
function lineOf(changes: readonly Change[]): string {
  return JSON.stringify(
    changes.map(({ section, key, copy }) =>
      copy === undefined ? [section, key] : [section, key, toPlain(copy)],
    ),
  );
}

/** Everything there is, a record a line. */
function linesOf(cluster: Cluster, extra: KeepOptions["extra"]): string[] {
  const extras = Object.entries(extra).map(([section, copy]) => ({ section, key: null, copy }));
  return [...extras, ...createComparison(cluster).changes()].map((change) => lineOf([change]));
}

/**
 * Writes the whole state, then every change of it. Nothing is forced through to the disk: what is written outlives
 * the process, however it ends, but not a loss of power.
 */
export function keepState(cluster: Cluster, { file, extra }: KeepOptions): StateKeeper {
  const comparison = createComparison(cluster);
  comparison.note(comparison.changes());
  let journal = replaceJournal(file, linesOf(cluster, extra));
  let limitBytes = Math.max(roomyBytes, 2 * journal.size());
  let mayHaveChanged = false;
  let pending: Promise<void> | undefined;
  let isOver = false;

  const renew = (): void => {
    const full = journal;
    journal = replaceJournal(file, linesOf(cluster, extra));
    full.close();
    limitBytes = Math.max(roomyBytes, 2 * journal.size());
  };
  const flush = (): void => {
    pending = undefined;
    if (isOver) return;
    const changes = comparison.changes();
    if (changes.length > 0) journal.append(lineOf(changes));
    comparison.note(changes);
    mayHaveChanged = hasRunningTasks(cluster);
    if (journal.size() > limitBytes) renew();
  };
  const flushUnasked = (): void => {
    try {
      flush();
    } catch {
      // Nobody waits for this one. The next answer tries again, meets the same error and tells it.
      mayHaveChanged = true;
    }
  };
  const timer = setInterval(flushUnasked, deadlineMs).unref();
  return {
    settle: (isChange) => {
      if (!isChange && !mayHaveChanged && pending === undefined) return;
      pending ??= new Promise<void>((resolve) => setImmediate(resolve)).then(flush);
      return pending;
    },
    stop: () => {
      if (isOver) return;
      flush();
      isOver = true;
      clearInterval(timer);
      journal.close();
    },
  };
}
