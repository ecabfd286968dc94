import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, sep } from "node:path";
import { describeReadFailure } from "./describe-read-failure.ts";

/** One entry of a folder. `path` is relative to the repository's root, with forward slashes. */
export type FolderEntry = { readonly name: string; readonly path: string } & (
  | { readonly kind: "file" | "folder" }
  | { readonly kind: "unusable"; readonly problem: string }
);

/**
 * Lists a folder in the order of names, without what begins with a dot. Links are followed as long as they stay inside `boundary`,
 * an absolute real path.
 */
export function listFolder(root: string, folder: string, boundary: string): FolderEntry[] {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true })
      .filter(({ name }) => !name.startsWith("."))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => describeEntry(root, entry, `${folder}/${entry.name}`, boundary));
  } catch (error) {
    return [{ name: basename(folder), path: folder, kind: "unusable", problem: describeReadFailure(error) }];
  }
}

function describeEntry(root: string, entry: Dirent, path: string, boundary: string): FolderEntry {
  const { name } = entry;
  if (!entry.isSymbolicLink()) return { name, path, kind: entry.isDirectory() ? "folder" : "file" };
  try {
    const real = realpathSync(join(root, path));
    if (!real.startsWith(boundary + sep)) {
      return { name, path, kind: "unusable", problem: "is a link out of vm-specs (expected a file inside)" };
    }
    return { name, path, kind: statSync(real).isDirectory() ? "folder" : "file" };
  } catch (error) {
    return { name, path, kind: "unusable", problem: describeReadFailure(error) };
  }
}
