import { once } from "node:events";
import { areaOf, everyStack } from "../../../reconcile/watch/area.ts";
import { createScheduler } from "../../../reconcile/watch/scheduler.ts";
import { suspendedStacks } from "../../../reconcile/watch/suspensions.ts";
import { claimWatcher } from "../../../reconcile/watch/watcher-lock.ts";
import { asNixherdError } from "../as-nixherd-error.ts";
import type { PipelineContext } from "../context.ts";
import { reportError } from "../each-stack.ts";
import { appCommand } from "../synthesize.ts";
import { type AppAhead, openAppAhead } from "./app-ahead.ts";
import { type Driver, driveScheduler } from "./drive-scheduler.ts";
import type { FollowedBranch } from "./follow-branch.ts";
import { keepFollowing } from "./keep-following.ts";
import { openSystemdNotifier } from "./notify-systemd.ts";
import { schedulerSettings } from "./scheduler-settings.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { StackWatcher } from "./stack-watcher.ts";
import { createStatusBoard, type StatusBoard } from "./status-board.ts";
import { openStatusFile } from "./status-file.ts";
import { watchChanges } from "./watch-changes.ts";
import { createWatchMetrics } from "./watch-metrics.ts";

export interface WatchRequest {
  /** A branch to follow; undefined watches the files only. */
  readonly git: FollowedBranch | undefined;
  readonly gitEverySeconds: number;
}

/** What is running and has to be ended, in that order. */
type Closers = (() => Promise<void> | void)[];

/**
 * Watches the repository and keeps its stacks as their specs say, until it is interrupted: running Terraform ends
 * cleanly then. No failure of a stack or of a synthesis ends it. Returns the exit code.
 * @throws WATCHER_RUNNING, USAGE
 */
export async function watchRepository(context: PipelineContext, request: WatchRequest): Promise<number> {
  const startedAt = new Date();
  const closers: Closers = [await claimWatcher(context.root, startedAt)];
  try {
    await watchUntilInterrupted(context, request, startedAt, closers);
  } finally {
    for (const close of closers.toReversed()) await close();
  }
  return 0;
}

async function watchUntilInterrupted(
  context: PipelineContext,
  request: WatchRequest,
  startedAt: Date,
  closers: Closers,
): Promise<void> {
  const { interrupt, report } = context;
  const board = openBoard(context, startedAt, closers);
  const metrics = createWatchMetrics();
  const systemd = openSystemdNotifier(process.env, (text) => report({ event: "note", text }));
  closers.push(() => systemd.stop());
  let isReady = false;
  const app = openApp(context, closers);
  const watcher = new StackWatcher({
    context,
    board,
    metrics,
    app,
    onSynthesised: (revision, stacks) => {
      report({ event: "watching", revision, stacks });
      void systemd.notify(...(isReady ? [] : ["READY=1"]), `STATUS=${stacks.length} stacks at ${revision}`);
      isReady = true;
    },
    onForgotten: () => driver.tell({ type: "changed", area: everyStack }),
  });
  const scheduler = createScheduler(() => schedulerSettings(watcher.site), Math.random);
  const driver = driveScheduler(scheduler, (action) => watcher.perform(action));
  closers.push(() => driver.stop());
  if (watcher.site.metricsPort !== undefined) {
    const answers = {
      metrics: () => metrics.text(board.status()),
      contentType: metrics.contentType,
      isReady: () => isReady && !interrupt.aborted,
    };
    const server = await serveMetrics(watcher.site.metricsPort, answers);
    closers.push(() => server.close());
  }
  await listen(context, { board, watcher, driver, app }, closers);
  if (request.git !== undefined)
    closers.push(keepFollowing(context, request.git, request.gitEverySeconds, board));
  driver.tell({ type: "changed", area: everyStack });
  if (!interrupt.aborted) await once(interrupt, "abort");
  await systemd.notify("STOPPING=1");
}

function openBoard({ root, report }: PipelineContext, startedAt: Date, closers: Closers): StatusBoard {
  const facts = { pid: process.pid, startedAt: startedAt.toISOString() };
  const board = createStatusBoard(facts, (status) => {
    file.changed();
    if (status !== undefined) report({ event: "condition", status });
  });
  const file = openStatusFile(root, board.status, (error) => reportError(report, asNixherdError(error)));
  closers.push(() => file.close());
  return board;
}

function openApp({ root, interrupt }: PipelineContext, closers: Closers): AppAhead {
  const onLine = (): void => undefined;
  const app = openAppAhead(root, async () => {
    const { command } = await appCommand({ root, interrupt, isSoundOnly: true, onLine });
    return command;
  });
  closers.push(() => app.close());
  return app;
}

interface Listeners {
  readonly app: AppAhead;
  readonly board: StatusBoard;
  readonly watcher: StackWatcher;
  readonly driver: Driver;
}

/** Hands on what happens in the repository and in the watcher's own files. */
async function listen(
  { root, report }: PipelineContext,
  { board, watcher, driver, app }: Listeners,
  closers: Closers,
): Promise<void> {
  const readSuspensions = async (): Promise<void> => {
    const stacks = await suspendedStacks(root);
    board.suspend(stacks);
    driver.tell({ type: "suspended", stacks });
  };
  const fail = (error: unknown): void => reportError(report, asNixherdError(error));
  const changes = await watchChanges(root, {
    onChange: (path) => {
      app.prepare();
      driver.tell({ type: "changed", area: app.leavesOut() ? areaOf(path) : everyStack });
    },
    onReleased: (stack) => {
      // Runs of this watcher release plans, too: then there is nothing to try again.
      const isHeld = board.stackOf(stack)?.reason === "PLAN_HELD";
      if (isHeld && !watcher.isRunning(stack)) driver.tell({ type: "asked", stack });
    },
    onSuspension: () => void readSuspensions().catch(fail),
    onError: fail,
  });
  closers.push(() => changes.close());
  await readSuspensions();
}
