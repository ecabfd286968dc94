import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** What a machine has in its memory, not on its disk. */
const inMemory = ["run", "tmp", "proc"];

/**
 * Copies what is on a machine's disk to another one's; both folders stand for a machine's `/`. Where the first one never
 * booted, its disk is the golden template's, and an empty folder says that of the copy's too.
 */
export async function copyDisk(source: string, copy: string): Promise<void> {
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  if (!existsSync(source)) return;
  const isOnDisk = (path: string): boolean => !inMemory.includes(relative(source, path).split(sep)[0] ?? "");
  await cp(source, copy, { recursive: true, verbatimSymlinks: true, filter: isOnDisk });
  await moveLinks(source, copy);
}

/** Lets the links of a machine's files that led into one folder lead into another one. */
export async function moveLinks(from: string, to: string): Promise<void> {
  const entries = await readdir(to, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isSymbolicLink())) {
    const link = join(entry.parentPath, entry.name);
    const target = await readlink(link);
    if (!target.startsWith(`${from}/`)) continue;
    await rm(link);
    await symlink(join(to, target.slice(from.length)), link);
  }
}
