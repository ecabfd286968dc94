import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

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

/** Replaces a file as a whole: whoever reads it sees the old value or the new one. Only its owner may read it. */
export async function replaceJson(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

/** What a file holds; undefined when there is none. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
