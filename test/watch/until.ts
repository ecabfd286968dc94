import { setTimeout as sleep } from "node:timers/promises";

/** How long a test waits for something. */
export interface Deadline {
  readonly timeoutMs?: number;
  /** Defaults to 50. */
  readonly pollMs?: number;
  /** Said when it does not come. */
  readonly what?: () => string;
}

/** Asks again and again until the answer is not undefined, and gives it. */
export async function until<R>(
  ask: () => Promise<R | undefined> | R | undefined,
  { timeoutMs = 40_000, pollMs = 50, what = () => "an answer" }: Deadline = {},
): Promise<R> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > endMs) throw new Error(`Waited in vain for ${what()}`);
    await sleep(pollMs);
  }
}
