/** A running `nixherd watch`, for bench/reconcile.ts. */
import { on } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";

type WatchedEvent = Readonly<Record<string, unknown>>;

const longestWaitMs = 300_000;

export interface BenchWatcher {
  /** Resolves with the first event from now on that is as wanted. */
  next(isWanted: (event: WatchedEvent) => boolean): Promise<WatchedEvent>;
  /** Resolves when each of these stacks became ready after this moment. */
  untilReady(stacks: readonly string[]): Promise<void>;
  end(): Promise<void>;
}

/** Starts it in a repository, and waits until its first synthesis has ended. */
export async function startBenchWatcher(
  root: string,
  environment: Readonly<Record<string, string>>,
): Promise<BenchWatcher> {
  const child = execa(process.execPath, [resolve("cli/nixherd.js"), "watch", "--json"], {
    cwd: root,
    env: environment,
    reject: false,
    buffer: false,
    stdin: "ignore",
  });
  const lines = createInterface({ input: child.stdout });
  const next: BenchWatcher["next"] = async (isWanted) => {
    for await (const [line] of on(lines, "line", { signal: AbortSignal.timeout(longestWaitMs) })) {
      const event = JSON.parse(line) as WatchedEvent;
      if (event["event"] === "error") throw new Error(line);
      if (isWanted(event)) return event;
    }
    throw new Error("The watcher has ended.");
  };
  await next(({ event }) => event === "watching");
  return {
    next,
    async untilReady(stacks) {
      const waiting = new Set(stacks);
      await next(({ event, status }) => {
        const { stack = "", type } = (status ?? {}) as { stack?: string; type?: string };
        if (event === "condition" && type === "Ready") waiting.delete(stack);
        return waiting.size === 0;
      });
    },
    async end() {
      child.kill("SIGTERM");
      await child;
    },
  };
}
