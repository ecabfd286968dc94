import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { watch } from "chokidar";
import { readJson } from "../../../lib/json-file.ts";
import { listHeldPlans } from "../../../reconcile/held-plans.ts";
import type { WatchStatus } from "../../../reconcile/watch/conditions.ts";
import { watchFiles } from "../../../reconcile/watch/watch-files.ts";
import { runningWatcher } from "../../../reconcile/watch/watcher-lock.ts";
import type { PipelineContext } from "../context.ts";

/** Several changes that come together are shown once. */
const betweenLooksMs = 200;

/** Tells what a watcher told last, if there ever was one, and the plans that are held. */
export async function showStatus({ root, report }: PipelineContext): Promise<void> {
  const status = (await readJson(watchFiles(root).status)) as WatchStatus | undefined;
  if (status !== undefined) {
    const isRunning = (await runningWatcher(root))?.pid === status.pid;
    report({ event: "watch-status", isRunning, status });
  }
  const held = await listHeldPlans(root);
  for (const plan of held) report({ event: "held", plan });
  if (held.length > 0) return;
  const watched =
    status === undefined ? "No watcher has run in this repository; nixherd watch starts one. " : "";
  report({ event: "note", text: `${watched}No plan is held.` });
}

/** Tells it again whenever it changes, until the command is interrupted. */
export async function showStatusAgain(context: PipelineContext): Promise<void> {
  const { root, interrupt } = context;
  const { status, lock } = watchFiles(root);
  const held = join(root, ".nixherd", "held");
  for (const folder of [dirname(status), held]) await mkdir(folder, { recursive: true });
  let isChanged = false;
  const files = watch([status, lock, held], { ignoreInitial: true });
  files.on("all", () => {
    isChanged = true;
  });
  try {
    while (!interrupt.aborted) {
      await sleep(betweenLooksMs, undefined, { signal: interrupt }).catch(() => undefined);
      if (!isChanged || interrupt.aborted) continue;
      isChanged = false;
      await showStatus(context);
    }
  } finally {
    await files.close();
  }
}
