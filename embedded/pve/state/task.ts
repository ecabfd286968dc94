import type { Caller } from "../access/caller.ts";
import { takeTaskFaults } from "../faults/task-faults.ts";
import { ApiError, failure } from "../http/api-error.ts";
import type { Cluster } from "./cluster.ts";

/** A worker as `nodes/{node}/tasks` shows it. */
export interface Task {
  readonly upid: string;
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  readonly startTimeSeconds: number;
  readonly type: string;
  /** What it works on: a VMID, a storage, or "". */
  readonly id: string;
  readonly caller: Caller;
  readonly log: string[];
  readonly stopping: AbortController;
  /** undefined while it runs. */
  exitStatus: string | undefined;
  endTimeSeconds: number | undefined;
}

/** Tasks by UPID, oldest first. */
export type TaskTable = Map<string, Task>;

/** What a worker may use while it runs. */
export interface TaskContext {
  readonly log: (line: string) => void;
  /** Aborted when somebody stops the task. */
  readonly signal: AbortSignal;
}

/** What a task does; what it throws becomes the exit status. */
export type Work = (context: TaskContext) => void | Promise<void>;

interface NewTask {
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly caller: Caller;
  /** Takes back what was prepared before the task began; called when it fails or is stopped. */
  readonly undo?: () => void | Promise<void>;
}

/** Finished tasks beyond this number are forgotten, oldest first. */
const keptTasks = 5000;

/** Lines of a log beyond this number are dropped, so that a task that does not stop to talk stays bounded. */
const keptLines = 5000;

function addLine({ log }: Task, line: string): void {
  if (log.length < keptLines) log.push(line);
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}

function register(cluster: Cluster, { node, type, id, caller }: NewTask): Task {
  const pid = cluster.clock.nextPid();
  const pstart = cluster.clock.ticks();
  const startTimeSeconds = cluster.clock.nowSeconds();
  const upid = `UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(startTimeSeconds)}:${type}:${id}:${caller.authId}:`;
  const task: Task = {
    upid,
    node,
    pid,
    pstart,
    startTimeSeconds,
    type,
    id,
    caller,
    log: [],
    stopping: new AbortController(),
    exitStatus: undefined,
    endTimeSeconds: undefined,
  };
  cluster.tasks.set(upid, task);
  return task;
}

function forgetOldTasks(tasks: TaskTable): void {
  for (const [upid, task] of tasks) {
    if (tasks.size <= keptTasks) return;
    if (task.exitStatus !== undefined) tasks.delete(upid);
  }
}

function end(cluster: Cluster, task: Task, exitStatus: string): void {
  task.log.push(exitStatus === "OK" ? "TASK OK" : `TASK ERROR: ${exitStatus}`);
  task.exitStatus = exitStatus;
  task.endTimeSeconds = cluster.clock.nowSeconds();
  forgetOldTasks(cluster.tasks);
}

/**
 * Ends a task whose process went down with its host. Proxmox VE then only has the last line of its log to go by, which
 * is no end (pve-common, upid_read_status).
 */
export function endCutOff(cluster: Cluster, task: Task): void {
  task.exitStatus = task.log.length === 0 ? "unable to read tail (got 0 bytes)" : "unexpected status";
  task.endTimeSeconds = cluster.clock.nowSeconds();
}

/** What cannot be taken back is said in the log; the task ends all the same. */
async function takeBack(task: Task, undo: NewTask["undo"]): Promise<void> {
  try {
    await undo?.();
  } catch (error) {
    addLine(task, `cleanup failed: ${reasonOf(error)}`);
  }
}

async function run(cluster: Cluster, task: Task, work: Work, undo: NewTask["undo"]): Promise<void> {
  const { delays, faults, clock } = cluster;
  const { signal } = task.stopping;
  const { leastMs: slowMs, failure: fault } = takeTaskFaults(faults, task, clock.nowMs());
  try {
    const leastMs = slowMs ?? delays.taskMsByType[task.type] ?? delays.taskMs;
    if (leastMs > 0) await clock.sleep(leastMs, signal);
    if (fault?.afterWork === false) throw failure(fault.exitStatus);
    await work({ log: (line) => addLine(task, line), signal });
    end(cluster, task, fault?.exitStatus ?? "OK");
  } catch (error) {
    await takeBack(task, undo);
    end(cluster, task, signal.aborted ? "interrupted by signal" : reasonOf(error));
  }
}

/** An error as a task's exit status puts it. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiError && error.errors !== undefined)
    return Object.values(error.errors).join("; ").trim();
  if (error instanceof ApiError && error.status === 403) return `403 ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** Starts a worker and returns its UPID at once; the worker's failure becomes the task's exit status. */
export function startTask(cluster: Cluster, newTask: NewTask, work: Work): string {
  const task = register(cluster, newTask);
  void run(cluster, task, work, newTask.undo);
  return task.upid;
}

/** Stops every task that still runs. */
export function stopTasks(cluster: Cluster): void {
  for (const task of cluster.tasks.values()) if (task.exitStatus === undefined) task.stopping.abort();
}
