import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { NixherdError } from "../../lib/errors.ts";
import { runCommand } from "../../lib/run-command.ts";
import type { PipelineContext } from "./context.ts";
import { readManifest } from "./select-stacks.ts";
import { synthesize } from "./synthesize.ts";

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
    await synthesize({ root: folder, interrupt, onLine: () => undefined });
    return await use(await readManifest(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
    await git("worktree", "prune");
  }
}

function unusableRevision(revision: string, words: string): NixherdError {
  const reason = words.trim().split("\n").at(-1) ?? "";
  return new NixherdError("USAGE", {
    message: `git knows no revision ${revision} here.${reason === "" ? "" : ` ${reason}`}`,
    hint: "Name a commit, a branch or a tag; in a pipeline fetch it first (a shallow clone has no history).",
  });
}
