import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** A flake reference with a scheme (github:..., git+ssh://...) is pinned by itself or by the user's registry. */
const remoteFlake = /^[a-z][a-z0-9+.-]*:/;

/** Is it a flake elsewhere, not a folder? */
export function isRemoteFlake(flake: string): boolean {
  return remoteFlake.test(flake);
}

/**
 * Text that changes with everything that Nix sees of a flake: the commit, and how index and working tree differ from it.
 * A flake elsewhere is its own reference. Undefined for a folder that is in no git repository, and for changes of more
 * than 64 MiB.
 */
export function flakeKey(root: string, flake: string): string | undefined {
  if (isRemoteFlake(flake)) return flake;
  const folder = resolve(root, flake);
  if (!existsSync(folder)) return undefined;
  const index = git(folder, ["ls-files", "--stage", "--full-name", ":/"]);
  const changes = git(folder, ["diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary"]);
  if (index === undefined || changes === undefined) return undefined;
  // A repository without a commit has a flake all the same.
  const commit = git(folder, ["rev-parse", "--verify", "--quiet", "HEAD"]) ?? "";
  return createHash("sha256").update(`${commit}\0${index}\0${changes}`).digest("hex").slice(0, 32);
}

function git(cwd: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", ["--no-optional-locks", ...args], {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? stdout : undefined;
}
