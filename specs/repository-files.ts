import { realpathSync, statSync } from "node:fs";
import { isAbsolute, join, sep } from "node:path";
import { describeReadFailure } from "./describe-read-failure.ts";

/** A file that a spec names: where it is, or in one sentence why it cannot be used. */
export type RepositoryFile =
  | { readonly path: string; readonly isExecutable: boolean }
  | { readonly problem: string };

/** Looks up files by their path relative to the repository's root; each one is looked at once. */
export function repositoryFiles(root: string): (path: string) => RepositoryFile {
  const realRoot = realpathSync(root);
  const found = new Map<string, RepositoryFile>();
  return (path) => {
    const file = found.get(path) ?? lookUp(realRoot, path);
    found.set(path, file);
    return file;
  };
}

function lookUp(realRoot: string, path: string): RepositoryFile {
  if (isAbsolute(path))
    return { problem: "is an absolute path (expected a path relative to the repository's root)" };
  const outside = { problem: "leads out of the repository (expected a file inside)" };
  if (!join(realRoot, path).startsWith(realRoot + sep)) return outside;
  try {
    const real = realpathSync(join(realRoot, path));
    if (!real.startsWith(realRoot + sep)) return outside;
    const stat = statSync(real);
    if (!stat.isFile()) return { problem: "is not a file (expected a regular file)" };
    return { path: real, isExecutable: (stat.mode & 0o111) !== 0 };
  } catch (error) {
    return { problem: describeReadFailure(error) };
  }
}
