import type { Scheduler, SchedulerAction, SchedulerEvent } from "../../../reconcile/watch/scheduler.ts";

/** A scheduler at work. */
export interface Driver {
  /** Tells the scheduler something and begins what it answers. */
  tell(event: SchedulerEvent): void;
  /** Begins nothing more; resolves when everything that was begun has ended. */
  stop(): Promise<void>;
}

/** The longest wait that a timer of Node can have. */
const longestTimerMs = 2 ** 31 - 1;

/** Gives a scheduler its timer, and does what it says. `perform` must not fail: its answer is told to the scheduler. */
export function driveScheduler(
  scheduler: Scheduler,
  perform: (action: SchedulerAction) => Promise<SchedulerEvent>,
): Driver {
  const working = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  function tell(event: SchedulerEvent): void {
    for (const action of scheduler.take(event, performance.now())) {
      const work = perform(action).then((answer) => {
        working.delete(work);
        tell(answer);
      });
      working.add(work);
    }
    clearTimeout(timer);
    const wakeMs = scheduler.nextWakeMs();
    if (wakeMs === undefined) return;
    const waitMs = Math.min(longestTimerMs, Math.max(0, Math.ceil(wakeMs - performance.now())));
    timer = setTimeout(() => tell({ type: "time" }), waitMs);
  }

  return {
    tell,
    async stop() {
      tell({ type: "stop" });
      while (working.size > 0) await Promise.all(working);
      clearTimeout(timer);
    },
  };
}
