import { setTimeout as sleep } from "node:timers/promises";
import { paced, scaledTimeout } from "./pace.ts";

/** The end of an operation's time. */
export interface Deadline {
  readonly signal: AbortSignal;
}

/** Thrown by `pause` when the deadline comes first. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
}

/** A timer's longest delay; the real provider's timeouts are far below it. */
const longestMs = 0x7fffffff;

/** A deadline in so many milliseconds of the real provider's time, or when `outer` ends, whichever comes first. */
export function deadlineIn(realMs: number, outer: Deadline): Deadline {
  const own = AbortSignal.timeout(Math.min(Math.max(Math.ceil(scaledTimeout(realMs)), 0), longestMs));
  return { signal: AbortSignal.any([own, outer.signal]) };
}

/** A deadline in so many seconds of the real provider's time, or when `outer` ends. */
export function deadlineInSeconds(seconds: number, outer: Deadline): Deadline {
  return deadlineIn(seconds * 1000, outer);
}

/** Waits so many milliseconds of the real provider's time; throws DeadlineExceeded when the deadline comes first. */
export async function pause(realMs: number, deadline: Deadline): Promise<void> {
  try {
    await sleep(paced(realMs), undefined, { signal: deadline.signal });
  } catch (error) {
    throw new DeadlineExceeded("context deadline exceeded", { cause: error });
  }
}

/** Whether the error comes from a deadline that is over, however it was worded on the way. */
export function isDeadlineExceeded(error: unknown): boolean {
  return error instanceof DeadlineExceeded || (error instanceof Error && isDeadlineExceeded(error.cause));
}
