import { ApiError } from "./api-error.ts";
import { type Deadline, isDeadlineExceeded, pause } from "./deadline.ts";

/** How often and when a step is tried again. */
export interface RetryOptions {
  readonly attempts: number;
  /** Pause before the second attempt in milliseconds of the real provider's time; it doubles each time. */
  readonly basePauseMs: number;
  readonly retryIf: (error: Error) => boolean;
  /** Errors of a later attempt that mean the earlier one has worked after all. */
  readonly isAlreadyDone?: (error: Error) => boolean;
  /** The error is that of the last attempt alone. */
  readonly lastErrorOnly?: boolean;
}

/**
 * Tries a step several times; the error lists every attempt.
 * `undefined` comes back when a later attempt shows that the work is done already: this is how the real provider
 * takes over a foreign machine when `clone.retries` is above 1.
 * Public source: bpg/proxmox 0.111.1, proxmox/retry.
 */
export async function retry<Result>(
  { attempts, basePauseMs, retryIf, isAlreadyDone, lastErrorOnly }: RetryOptions,
  deadline: Deadline,
  step: () => Promise<Result>,
): Promise<Result | undefined> {
  const failures: Error[] = [];
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      if (attempt > 0) await pause(basePauseMs * 2 ** (attempt - 1), deadline);
      return await step();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      if (attempt > 0 && isAlreadyDone?.(failure) === true) return undefined;
      failures.push(failure);
      if (isDeadlineExceeded(error) || !retryIf(failure)) break;
    }
  }
  throw lastErrorOnly === true ? failures.at(-1) : allAttemptsFailed(failures);
}

function allAttemptsFailed(failures: readonly Error[]): Error {
  const lines = failures.map(({ message }, index) => `#${index + 1}: ${message}`);
  const text = `All attempts fail:\n${lines.join("\n")}`;
  const last = failures.at(-1);
  if (last instanceof ApiError) return new ApiError(last.status, text, last.isNotFound);
  return new Error(text, { cause: last });
}

/** Repeats a step once a second until it gives a result; errors end it unless `retryIf` says otherwise. */
export async function poll<Result>(
  deadline: Deadline,
  step: () => Promise<Result | undefined>,
  retryIf: (error: Error) => boolean = () => false,
): Promise<Result> {
  for (;;) {
    try {
      const result = await step();
      if (result !== undefined) return result;
    } catch (error) {
      if (!(error instanceof Error) || isDeadlineExceeded(error) || !retryIf(error)) throw error;
    }
    await pause(1000, deadline);
  }
}

/** Whether the server may do better at the next try: any 5xx, or a known lock or worker trouble. */
export function isTransient(error: Error): boolean {
  if (error instanceof ApiError && error.status > 0) return error.status >= 500;
  return error.message.includes("got no worker upid") || error.message.includes("got timeout");
}
