import type { SchedulerSettings } from "../../../reconcile/watch/scheduler.ts";
import type { SiteWatch } from "../../../specs/schema/site-watch.ts";

/** The site's settings as the scheduler wants them. */
export function schedulerSettings(site: SiteWatch): SchedulerSettings {
  return {
    quietMs: site.quietMs,
    longestWaitMs: site.longestWaitMs,
    stacksAtOnce: site.stacksAtOnce,
    retryMs: site.retrySeconds * 1000,
    longestRetryMs: site.longestRetrySeconds * 1000,
    driftEveryMs: site.driftEverySeconds * 1000,
  };
}
