import { runCommand } from "../lib/run-command.ts";

const gitTimeoutMs = 10_000;

/** What the working tree is made of. */
export interface Revision {
  readonly commit: string;
  /** The working tree differs from the commit. */
  readonly isChanged: boolean;
}

/** The revision of a repository's working tree; undefined outside of git. */
export async function readRevision(root: string): Promise<Revision | undefined> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    // Refreshing the index would be a change of the repository itself, which the watcher sees.
    const command = { file: "git", args: ["--no-optional-locks", ...args], cwd: root };
    const { exitCode, stdout } = await runCommand({ ...command, timeoutMs: gitTimeoutMs });
    return exitCode === 0 ? stdout.trim() : undefined;
  };
  const commit = await git("rev-parse", "--verify", "--quiet", "HEAD");
  if (commit === undefined) return undefined;
  return { commit, isChanged: (await git("status", "--porcelain")) !== "" };
}
