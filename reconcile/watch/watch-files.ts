import { join } from "node:path";

/** Where the watcher keeps what it knows: absolute paths below `.nixherd/watch`. */
export interface WatchFiles {
  /** Who watches. */
  readonly lock: string;
  /** Conditions, for `nixherd status`. */
  readonly status: string;
  /** Folder with one file for each suspended stack. */
  readonly suspended: string;
  /** Folder with what is known to be applied, one file a stack. */
  readonly stacks: string;
}

/** The files of a repository's watcher. */
export function watchFiles(root: string): WatchFiles {
  const folder = join(root, ".nixherd", "watch");
  return {
    lock: join(folder, "lock.json"),
    status: join(folder, "status.json"),
    suspended: join(folder, "suspended"),
    stacks: join(folder, "stacks"),
  };
}
