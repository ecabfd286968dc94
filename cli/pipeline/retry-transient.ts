import { setTimeout as sleep } from "node:timers/promises";
import { type BackOff, waitAfter } from "../../lib/back-off.ts";
import type { NixherdError } from "../../lib/errors.ts";
import { isTransient } from "../../reconcile/transient-failures.ts";
import type { PipelineContext } from "./context.ts";

/** Bounds of all attempts of one step together. */
const mostAttempts = 200;
const longestMs = 60 * 60_000;

/** Waits are short: what passes by itself mostly does so in seconds. */
const backOff: BackOff = { retryMs: 1000, longestRetryMs: 15_000 };

interface Retrying {
  /** Name of the stack that the step is for. */
  readonly stack: string;
  /** Failures that may pass besides the transient ones. Defaults to none. */
  readonly mayPass?: (error: unknown) => error is NixherdError;
}

/** What a step is told. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** Says that the attempt came further than the ones before it, so that the waits begin small again. */
  readonly progress: () => void;
}

/**
 * Does a step again, after waits that grow, as long as it fails with what passes by itself.
 * @throws the step's last failure
 */
export async function retryTransient<R>(
  { stack, mayPass = isTransient }: Retrying,
  { report, interrupt }: Pick<PipelineContext, "report" | "interrupt">,
  step: (attempt: Attempt) => Promise<R>,
): Promise<R> {
  const deadlineMs = performance.now() + longestMs;
  let failuresInARow = 0;
  const progress = () => {
    failuresInARow = 0;
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step({ number: attempt, progress });
    } catch (error) {
      const isLast = attempt >= mostAttempts || performance.now() > deadlineMs || interrupt.aborted;
      if (isLast || !mayPass(error)) throw error;
      failuresInARow += 1;
      const waitMs = waitAfter(failuresInARow, backOff, Math.random);
      const [message = ""] = error.message.split("\n");
      report({ event: "retry", stack, attempt, waitMs, code: error.code, message });
      await sleep(waitMs, undefined, { signal: interrupt }).catch(() => undefined);
    }
  }
}
