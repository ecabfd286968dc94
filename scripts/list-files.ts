import { execFileSync } from "node:child_process";
import { lstatSync } from "node:fs";

/**
 * Lists the files that are, or by `git add` would be, part of the repository, as paths relative to the
 * current folder, with forward slashes, sorted. Links and files that are gone are left out.
 */
export function listFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
    maxBuffer: 16 * 1024 * 1024,
  });
  const paths = new Set(listed.split("\0").filter((path) => path !== ""));
  return [...paths].filter(isFile).sort();
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
