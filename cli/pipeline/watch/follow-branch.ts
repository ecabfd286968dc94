import { resolve } from "node:path";
import { NixherdError } from "../../../lib/errors.ts";
import { runCommand } from "../../../lib/run-command.ts";

const fetchTimeoutMs = 120_000;

/** A branch of a remote, and who may have signed its commits. */
export interface FollowedBranch {
  readonly remote: string;
  readonly branch: string;
  /** Path of a file of allowed signers (ssh-keygen(1)), from the root; undefined takes every commit. */
  readonly signedBy: string | undefined;
}

/** How the working tree stands to the branch. */
export interface FollowResult {
  /** "Current", "Updated", or why the new commit was not taken: "TreeChanged", "Diverged", "NotSigned", "FetchFailed". */
  readonly reason: "Current" | "Updated" | "TreeChanged" | "Diverged" | "NotSigned" | "FetchFailed";
  readonly message: string;
  /** The commit of the working tree. */
  readonly revision: string;
}

/**
 * Reads "origin/main".
 * @throws USAGE
 */
export function readBranch(text: string, signedBy: string | undefined): FollowedBranch {
  const [, remote, branch] = /^([A-Za-z0-9_][\w.-]*)\/([A-Za-z0-9_][\w./-]*)$/.exec(text) ?? [];
  if (remote !== undefined && branch !== undefined) return { remote, branch, signedBy };
  throw new NixherdError("USAGE", {
    message: `"${text}" is no branch of a remote.`,
    hint: "Write --git origin/main.",
  });
}

/**
 * Fetches the branch and moves the working tree to its commit, if that follows the tree's own commit, if no tracked
 * file was changed, and if the commit is signed by one of the allowed signers where they are asked for. The list of
 * signers is read before the move: a commit cannot let itself in.
 */
export async function followBranch(
  root: string,
  { remote, branch, signedBy }: FollowedBranch,
  interrupt: AbortSignal,
): Promise<FollowResult> {
  const git = (...args: string[]) =>
    runCommand({
      file: "git",
      args,
      cwd: root,
      env: {
        GIT_TERMINAL_PROMPT: "0",
        GIT_SSH_COMMAND: process.env["GIT_SSH_COMMAND"] ?? "ssh -oBatchMode=yes",
      },
      timeoutMs: fetchTimeoutMs,
      interrupt,
    });
  const read = async (...args: string[]): Promise<string> => (await git(...args)).stdout.trim();
  const head = await read("rev-parse", "--verify", "--quiet", "HEAD");
  const stay = (reason: FollowResult["reason"], message: string): FollowResult => ({
    reason,
    message,
    revision: head,
  });

  const fetched = await git("fetch", "--quiet", "--no-tags", remote, branch);
  if (fetched.exitCode !== 0) return stay("FetchFailed", lastLine(fetched.stderr));
  const next = await read("rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}");
  if (next === head) return stay("Current", `At the commit of ${remote}/${branch}.`);
  const isAncestor = (await git("merge-base", "--is-ancestor", head, next)).exitCode === 0;
  if (!isAncestor) return stay("Diverged", `${next} does not follow the commit of the working tree.`);
  if ((await read("--no-optional-locks", "status", "--porcelain", "--untracked-files=no")) !== "")
    return stay("TreeChanged", `Files of the working tree were changed, so ${next} is not taken.`);
  if (signedBy !== undefined) {
    const verified = await git(...verification(resolve(root, signedBy)), "verify-commit", next);
    if (verified.exitCode !== 0)
      return stay(
        "NotSigned",
        `${next} is not signed by anyone in ${signedBy}. ${lastLine(verified.stderr)}`,
      );
  }
  const merged = await git("merge", "--quiet", "--ff-only", next);
  if (merged.exitCode !== 0) return stay("TreeChanged", lastLine(merged.stderr));
  return { reason: "Updated", message: `Moved to ${next}.`, revision: next };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Signatures by SSH keys count alone: other kinds would be judged by whatever key ring is here. */
function verification(signersFile: string): string[] {
  const settings = [
    `gpg.ssh.allowedSignersFile=${signersFile}`,
    "gpg.program=false",
    "gpg.openpgp.program=false",
    "gpg.x509.program=false",
  ];
  return settings.flatMap((setting) => ["-c", setting]);
}
