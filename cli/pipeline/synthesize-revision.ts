import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NixherdError } from "../../lib/errors.ts";
import { runCommand } from "../../lib/run-command.ts";
import { readFleet } from "../../specs/read-fleet.ts";
import { resolvedSystemsFile } from "../../specs/resolved-systems.ts";
import type { PipelineContext } from "./context.ts";
import { readManifest } from "./select-stacks.ts";
import { synthesize } from "./synthesize.ts";
import { prepareSystems } from "./systems/prepare-systems.ts";

const gitTimeoutMs = 60_000;

/** The folders of the stacks that a revision synthesises to, by name, for as long as `use` runs. */
export async function withRevision<R>(
  revision: string,
  { root, interrupt }: PipelineContext,
  use: (stackFolders: ReadonlyMap<string, string>) => Promise<R>,
): Promise<R> {
  const git = async (...args: string[]): Promise<string> => {
    const result = await runCommand({ file: "git", args, cwd: root, timeoutMs: gitTimeoutMs, interrupt });
    if (result.exitCode !== 0) throw unusableRevision(revision, result.stderr);
    return result.stdout.trim();
  };
  const commit = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
  const parent = join(root, ".nixherd", "revisions");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "base-"));
  try {
    await git("worktree", "add", "--quiet", "--detach", "--force", folder, commit);
    // The packages of today: they are not in git, and fetching those of then would need a registry.
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const isResolved = await resolveRevision(folder, root, interrupt);
    await synthesize({ root: folder, interrupt, isResolved, onLine: () => undefined });
    return await use(await readManifest(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
    await git("worktree", "prune");
  }
}

/** Systems are compared with systems: those of the revision are evaluated as those of today were, and none is built. */
async function resolveRevision(folder: string, root: string, interrupt: AbortSignal): Promise<boolean> {
  const read = readFleet(folder);
  if (!read.ok) return false;
  // What is known of today's systems need not be evaluated where it was the same then.
  await mkdir(dirname(join(folder, resolvedSystemsFile)), { recursive: true });
  await copyFile(join(root, resolvedSystemsFile), join(folder, resolvedSystemsFile)).catch(ignoreMissing);
  const quiet = { root: folder, interrupt, report: () => undefined, unfinished: new Set<never>() };
  const { isResolved } = await prepareSystems(read.fleet, { names: [], targets: [], builds: false }, quiet);
  return isResolved;
}

/** Where nothing was evaluated yet. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

function unusableRevision(revision: string, words: string): NixherdError {
  const reason = words.trim().split("\n").at(-1) ?? "";
  return new NixherdError("USAGE", {
    message: `git knows no revision ${revision} here.${reason === "" ? "" : ` ${reason}`}`,
    hint: "Name a commit, a branch or a tag; in a pipeline fetch it first (a shallow clone has no history).",
  });
}
