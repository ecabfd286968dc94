import type { Cluster } from "../state/cluster.ts";
import { endCutOff, type Task } from "../state/task.ts";
import type { JournalEntry } from "./journal-file.ts";
import { fromPlain } from "./plain-value.ts";
import { keptSections } from "./state-sections.ts";

/** What the running process needs besides, by section: locks and signals are those of a process that is gone. */
const added: Readonly<Record<string, () => object>> = {
  vms: () => ({ lockTail: Promise.resolve() }),
  tasks: () => ({ stopping: new AbortController() }),
};

function revive(section: string, value: unknown): unknown {
  const revived = fromPlain(value);
  const more = added[section];
  return more === undefined ? revived : Object.assign(revived as object, more());
}

function fillMap(map: Map<unknown, unknown>, section: string, entries: readonly JournalEntry[]): void {
  map.clear();
  for (const [, key, value] of entries) {
    if (value === undefined) map.delete(key);
    else map.set(key, revive(section, value));
  }
}

function fillSet(set: Set<unknown>, value: unknown): void {
  set.clear();
  for (const item of value as Set<unknown>) set.add(item);
}

/** Parts of the cluster hold on to each other, so they are filled and not replaced. */
function fillSection(target: unknown, section: string, entries: readonly JournalEntry[]): void {
  const last = entries.at(-1)?.[2];
  if (target instanceof Map) fillMap(target, section, entries);
  else if (target instanceof Set) fillSet(target, fromPlain(last));
  else Object.assign(target as object, fromPlain(last));
}

function isCutOff(task: Task): boolean {
  return task.exitStatus === undefined;
}

/**
 * Fills a new cluster with a kept state. Sections that the state does not know stay as they are. Tasks that ran end as
 * those of a host do that went down: nothing of theirs is undone, and a machine that they had locked stays locked.
 */
export function restoreState(cluster: Cluster, entries: readonly JournalEntry[]): void {
  const bySection = Map.groupBy(entries, ([section]) => section);
  for (const [section, target] of keptSections(cluster)) {
    const found = bySection.get(section);
    if (found !== undefined) fillSection(target, section, found);
  }
  for (const task of cluster.tasks.values()) if (isCutOff(task)) endCutOff(cluster, task);
}

/** What was kept besides the cluster by this name. */
export function extraOf(entries: readonly JournalEntry[], name: string): unknown {
  return entries.findLast(([section]) => section === name)?.[2];
}
