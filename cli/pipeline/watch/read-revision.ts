import { runCommand } from "../../../lib/run-command.ts";

const gitTimeoutMs = 10_000;

/**
 * What a synthesis was made of: the commit; the commit, "+" and the configuration's hash when the working tree differs
 * from it; or the hash alone outside of git.
 */
export async function readRevision(root: string, configurationHash: string): Promise<string> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    // Refreshing the index would be a change of the repository itself.
    const command = { file: "git", args: ["--no-optional-locks", ...args], cwd: root };
    const { exitCode, stdout } = await runCommand({ ...command, timeoutMs: gitTimeoutMs });
    return exitCode === 0 ? stdout.trim() : undefined;
  };
  const commit = await git("rev-parse", "--verify", "--quiet", "HEAD");
  if (commit === undefined) return configurationHash;
  const changes = await git("status", "--porcelain");
  return changes === "" ? commit : `${commit}+${configurationHash}`;
}
