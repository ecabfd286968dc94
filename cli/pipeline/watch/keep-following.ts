import { setTimeout as sleep } from "node:timers/promises";
import { asNixherdError } from "../as-nixherd-error.ts";
import type { PipelineContext } from "../context.ts";
import { reportError } from "../each-stack.ts";
import { type FollowedBranch, followBranch } from "./follow-branch.ts";
import type { StatusBoard } from "./status-board.ts";

/**
 * Follows a branch until the returned function is called, and keeps the condition of that. The moved files tell the
 * rest: they are changes like any others.
 */
export function keepFollowing(
  context: PipelineContext,
  branch: FollowedBranch,
  everySeconds: number,
  board: StatusBoard,
): () => Promise<void> {
  const stopped = new AbortController();
  const interrupt = AbortSignal.any([context.interrupt, stopped.signal]);
  const following = follow({ ...context, interrupt }, branch, everySeconds * 1000, board);
  return async () => {
    stopped.abort();
    await following;
  };
}

async function follow(
  { root, interrupt, report }: PipelineContext,
  branch: FollowedBranch,
  everyMs: number,
  board: StatusBoard,
): Promise<void> {
  let lastReason = "";
  while (!interrupt.aborted) {
    try {
      const { reason, message, revision } = await followBranch(root, branch, interrupt);
      const isGood = reason === "Current" || reason === "Updated";
      // Being cut off in the middle of a fetch says nothing about the remote.
      if (interrupt.aborted) return;
      board.setGit({ type: isGood ? "Ready" : "Stalled", reason, message, revision });
      const isNews = reason !== "Current" && (reason !== lastReason || reason === "Updated");
      if (isNews) report({ event: "note", text: `${branch.remote}/${branch.branch}: ${reason}. ${message}` });
      lastReason = reason;
    } catch (thrown) {
      reportError(report, asNixherdError(thrown));
    }
    await sleep(everyMs, undefined, { signal: interrupt }).catch(ignoreAbort);
  }
}

function ignoreAbort(error: Error): void {
  if (error.name !== "AbortError") throw error;
}
