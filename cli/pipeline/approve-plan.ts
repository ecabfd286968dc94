import { findHeldPlan } from "../../reconcile/held-plans.ts";
import { type ChangeRequest, changeStacks } from "./change-stacks.ts";
import type { PipelineContext } from "./context.ts";
import { exitCodeOf } from "./exit-code.ts";

interface Approval extends Pick<ChangeRequest, "isAttended" | "confirm"> {
  /** Of the held plan, or the beginning of it. */
  readonly id: string;
}

/**
 * Plans the held plan's stack again and applies it if it still is the same plan; returns the exit code.
 * @throws USAGE when there is no such plan, and what `changeStacks` throws
 */
export async function approvePlan(context: PipelineContext, { id, ...request }: Approval): Promise<number> {
  const approved = await findHeldPlan(context.root, id);
  const { stack, targets, isDestroy } = approved;
  const failures = await changeStacks(context, {
    ...request,
    names: [stack],
    targets,
    isDestroy,
    allowances: {},
    approved,
    // What is wrong elsewhere is nothing against this plan.
    synth: "sound",
  });
  return exitCodeOf(failures);
}
