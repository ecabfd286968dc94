import { resolve } from "node:path";
import { execa } from "execa";
import { readJson } from "../../lib/json-file.ts";
import type { StackStatus, WatchStatus } from "../../reconcile/watch/conditions.ts";
import { watchFiles } from "../../reconcile/watch/watch-files.ts";
import { type Deadline, until } from "./until.ts";

interface Place {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Events as `--json` prints them. */
export type TestEvent = Readonly<Record<string, unknown>>;

/** A `nixherd watch` in a process of its own. */
export class WatcherProcess {
  readonly #root: string;
  readonly #child: ReturnType<typeof startWatch>;
  readonly #lines: string[] = [];

  /** It is ended after `timeoutMs` in any case. */
  constructor(place: Place, args: readonly string[] = [], timeoutMs = 110_000) {
    this.#root = place.root;
    this.#child = startWatch(place, args, timeoutMs);
    let rest = "";
    this.#child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      this.#lines.push(...parts);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Everything told so far. */
  events(): TestEvent[] {
    return this.#lines.map((line) => JSON.parse(line));
  }

  async status(): Promise<WatchStatus | undefined> {
    return (await readJson(watchFiles(this.#root).status)) as WatchStatus | undefined;
  }

  /** Waits until a stack's condition is as wanted, and gives it. */
  async untilStack(
    stack: string,
    isWanted: (status: StackStatus) => boolean,
    deadline: Deadline = {},
  ): Promise<StackStatus> {
    return until(
      async () => {
        const status = await this.status();
        const found =
          status?.pid === this.pid ? status.stacks.find((each) => each.stack === stack) : undefined;
        return found !== undefined && isWanted(found) ? found : undefined;
      },
      { ...deadline, what: () => `${stack} as wanted; last events:\n${this.#lines.slice(-30).join("\n")}` },
    );
  }

  /** Ends it with a signal and gives its exit code. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | undefined> {
    this.#child.kill(signal);
    return (await this.#child).exitCode;
  }
}

function startWatch({ root, environment }: Place, args: readonly string[], timeout: number) {
  return execa(process.execPath, [resolve("cli/nixherd.js"), "watch", "--json", ...args], {
    cwd: root,
    env: environment,
    reject: false,
    stdin: "ignore",
    buffer: { stdout: false, stderr: true },
    timeout,
  });
}
