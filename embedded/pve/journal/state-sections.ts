import type { Cluster } from "../state/cluster.ts";
import type { Task } from "../state/task.ts";

/** Parts of a cluster that come from how it is started, or from the process that runs it. Everything else is kept. */
const notKept = new Set([
  "nodes",
  "guests",
  "delays",
  "clock",
  "lastSeen",
] satisfies (keyof Cluster)[]) as ReadonlySet<string>;

/** The parts of a cluster that are kept. */
export function keptSections(cluster: Cluster): [string, unknown][] {
  return Object.entries(cluster).filter(([name]) => !notKept.has(name));
}

/** An ended task changes no more but for lines that are added to its log; undefined for what may change in any way. */
export function finalStamp(section: string, item: unknown): number | undefined {
  if (section !== "tasks") return undefined;
  const { exitStatus, log } = item as Task;
  return exitStatus === undefined ? undefined : log.length;
}
