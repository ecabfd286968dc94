import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { watchFiles } from "./watch-files.ts";

/** The stacks that the watcher leaves alone. */
export async function suspendedStacks(root: string): Promise<ReadonlySet<string>> {
  const names = await readdir(watchFiles(root).suspended).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return new Set(names);
}

/** Lets the watcher leave a stack alone from its next run on, also after a restart; other commands do not mind. */
export async function suspendStack(root: string, stack: string, now: Date): Promise<void> {
  const { suspended } = watchFiles(root);
  await mkdir(suspended, { recursive: true });
  await writeFile(join(suspended, stack), `${now.toISOString()}\n`);
}

/** Takes that back. */
export async function resumeStack(root: string, stack: string): Promise<void> {
  await rm(join(watchFiles(root).suspended, stack), { force: true });
}
