import { NixherdError } from "../../lib/errors.ts";
import { type Description, whereDescribed } from "../../specs/where-described.ts";
import type { MachinePlan, StackPlan } from "../../terraform/stack-plan.ts";
import { machineIn } from "../../terraform/state-pull.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack, type StackResults } from "./each-stack.ts";
import type { PlannedStack, PreparedStack } from "./plan-stack.ts";
import { readStates } from "./stack-states.ts";

/**
 * Leaves out the stacks whose plan would destroy a machine that a spec of another stack describes: the file was moved,
 * and the state was not. No policy, option or approval lets such a plan pass.
 * The failures are SPEC_MOVED.
 */
export async function refuseMovedSpecs(
  stacks: readonly PlannedStack[],
  context: PipelineContext,
): Promise<StackResults<PlannedStack>> {
  if (!stacks.some(({ plan }) => machinesToDestroy(plan).length > 0)) return { done: stacks, failures: [] };
  return eachStack(stacks, stacks.length, context, (stack) => {
    refuseMovedSpec(stack.plan, context.root);
    return Promise.resolve(stack);
  });
}

/**
 * Refuses a plan that would destroy a machine which lives on in another stack.
 * @throws SPEC_MOVED
 */
export function refuseMovedSpec(plan: StackPlan, root: string): void {
  const going = machinesToDestroy(plan);
  if (going.length === 0) return;
  const elsewhere = whereDescribed(root).filter(({ stack }) => stack !== plan.stack);
  const sentences = going.flatMap((machine) => reasonToKeep(machine, plan.stack, elsewhere) ?? []);
  if (sentences.length === 0) return;
  throw specMoved(sentences);
}

/**
 * Refuses a plan that would make machines which the state of another stack knows: the same move, seen from its end.
 * `taken` are those whose VMIDs the cluster has; the states are read only if there are any.
 * @throws SPEC_MOVED, and what reading the states throws
 */
export async function refuseMovedHere(
  stack: string,
  taken: readonly MachinePlan[],
  allStacks: () => Promise<readonly PreparedStack[]>,
  context: PipelineContext,
): Promise<void> {
  if (taken.length === 0) return;
  const others = (await allStacks()).filter(({ name }) => name !== stack);
  const states = await readStates(others, context);
  const described = whereDescribed(context.root).filter((description) => description.stack === stack);
  const sentences = taken.flatMap(({ name, vmId }) => {
    const owner = states.find(({ state }) => machineIn(state, vmId).length > 0);
    if (owner === undefined) return [];
    const file = described.find((description) => description.vmId === vmId)?.file ?? "a spec";
    return movedSentence({ name, vmId, from: owner.stack.name, stack, file });
  });
  if (sentences.length > 0) throw specMoved(sentences);
}

function specMoved(sentences: readonly string[]): NixherdError {
  return new NixherdError("SPEC_MOVED", {
    message: sentences.join("\n"),
    hint: "Nothing was changed. Run what is named above, or put the file back.",
  });
}

function machinesToDestroy({ machines }: StackPlan): MachinePlan[] {
  return machines.filter(({ action }) => action === "destroy");
}

function reasonToKeep(
  { vmId, name }: MachinePlan,
  stack: string,
  elsewhere: readonly Description[],
): string | undefined {
  const described = elsewhere.find((description) => description.vmId === vmId);
  if (described !== undefined) return movedSentence({ ...described, name, vmId, from: stack });
  const unreadable = elsewhere.find((description) => description.vmId === undefined);
  if (unreadable === undefined) return undefined;
  return `${name} (${vmId}) would be destroyed, and ${unreadable.file} tells no VMID: it may be the machine's new place. Correct that file first.`;
}

interface Moved {
  readonly name: string;
  readonly vmId: number;
  /** The stack whose state has the machine. */
  readonly from: string;
  /** The stack whose spec describes it, and that spec. */
  readonly stack: string;
  readonly file: string;
}

/** Says that a spec went to another stack, with the command that lets the state follow. */
function movedSentence({ name, vmId, from, stack, file }: Moved): string {
  return `${name} (${vmId}) is in the state of stack ${from}, and ${file} describes it in stack ${stack} now: let the state follow with nixherd move ${vmId}`;
}
