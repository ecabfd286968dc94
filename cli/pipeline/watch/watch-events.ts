import type { StackStatus, WatchStatus } from "../../../reconcile/watch/conditions.ts";

/** A problem in the specs, and the stack that it stops; null is every stack. */
export interface WatchProblem {
  readonly stack: string | null;
  readonly file: string;
  readonly pointer: string;
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** What the watcher tells besides the events of its runs. */
export type WatchEvent =
  | { readonly event: "watching"; readonly revision: string; readonly stacks: readonly string[] }
  /** Files were written, and everything is as it was at the last synthesis. */
  | { readonly event: "unchanged"; readonly revision: string }
  | { readonly event: "problem"; readonly problem: WatchProblem }
  /** A stack's condition is another one. */
  | { readonly event: "condition"; readonly status: StackStatus }
  /** `nixherd status`: what a watcher told last. */
  | { readonly event: "watch-status"; readonly isRunning: boolean; readonly status: WatchStatus };
