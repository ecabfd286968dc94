import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { watch } from "chokidar";
import { watchFiles } from "../../../reconcile/watch/watch-files.ts";

interface ChangeListener {
  /** A file that a configuration may depend on appeared, changed or went: its path below the root. */
  readonly onChange: (path: string) => void;
  /** A stack's held plan is held no more. */
  readonly onReleased: (stack: string) => void;
  /** Stacks were suspended or resumed. */
  readonly onSuspension: () => void;
  /** The file system cannot be watched in part or at all. */
  readonly onError: (error: Error) => void;
}

/** Folders in which nothing is that a configuration depends on. */
const foreignFolders: ReadonlySet<string> = new Set(["node_modules", "cdktf.out", "coverage", "result"]);

const foreignFiles = /\.tfstate(\..*)?$|~$|\.swp$/;

/**
 * Whether a path below the root, relative to it, says nothing about any stack. Of what begins with a dot only git's
 * index counts: which files a flake has depends on it.
 */
export function isForeign(path: string): boolean {
  if (path === "" || path === ".git" || path === `.git${sep}index`) return false;
  const parts = path.split(sep);
  if (parts.some((part) => part.startsWith(".") || foreignFolders.has(part))) return true;
  return foreignFiles.test(path);
}

/**
 * Tells about changes of the repository until it is closed. Links are not followed; what was there before is not told.
 * Resolves once every change from now on will be told.
 */
export async function watchChanges(
  root: string,
  listener: ChangeListener,
): Promise<{ close(): Promise<void> }> {
  const { suspended } = watchFiles(root);
  const held = join(root, ".nixherd", "held");
  for (const folder of [suspended, held]) await mkdir(folder, { recursive: true });
  const repository = watch(root, {
    ignored: (path) => isForeign(relative(root, path)),
    ignoreInitial: true,
    followSymlinks: false,
  });
  repository.on("all", (_, path) => listener.onChange(relative(root, path)));
  const runtime = watch([suspended, held], { ignoreInitial: true, followSymlinks: false });
  runtime.on("all", (event, path) => {
    if (path.startsWith(suspended)) listener.onSuspension();
    else if (event === "unlink" && path.endsWith(".json")) listener.onReleased(basename(path, ".json"));
  });
  const watchers = [repository, runtime];
  for (const each of watchers) each.on("error", (error) => listener.onError(asError(error)));
  await Promise.all(watchers.map((each) => new Promise<void>((resolve) => each.once("ready", resolve))));
  return {
    async close() {
      await Promise.all(watchers.map((each) => each.close()));
    },
  };
}

const lockPollMs = 50;

/** Waits until git has written all files of what it is doing; a lock that stays is not waited for longer than that. */
export async function untilGitRests(root: string, longestMs: number): Promise<void> {
  const lock = join(root, ".git", "index.lock");
  for (let waitedMs = 0; waitedMs < longestMs && existsSync(lock); waitedMs += lockPollMs)
    await sleep(lockPollMs);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
