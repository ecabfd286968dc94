import { join } from "node:path";
import { NixherdError } from "../../../lib/errors.ts";
import type { Machine } from "../../../specs/fleet.ts";
import { siteFile } from "../../../specs/list-spec-files.ts";
import { readSite } from "../../../specs/read-site.ts";
import { changesOutputsOnly } from "../../../terraform/stack-plan.ts";
import { machineIn } from "../../../terraform/state-pull.ts";
import { applyStack } from "../apply-stack.ts";
import type { PipelineContext } from "../context.ts";
import { eachStack } from "../each-stack.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { PlannedStack } from "../plan-stack.ts";
import { planStacks } from "../plan-stacks.ts";
import { prepareStacks } from "../prepare-stacks.ts";
import { readStates, type StackState } from "../stack-states.ts";
import { withPlanFolder } from "../with-plan-folder.ts";
import { findDescribed } from "./find-moved.ts";
import { moveSpecFile } from "./move-spec-file.ts";
import { moveState } from "./move-state.ts";

export interface MoveRequest {
  /** VMID, name, or `<stack>/<name>`. */
  readonly machine: string;
  /** The stack whose folder the file is to be moved to; undefined when it lies there already. */
  readonly to: string | undefined;
  /** A stack whose folder is gone and whose state is in no local file, which therefore nobody can find. */
  readonly from: string | undefined;
  /** Asked once, with one sentence, before anything is changed; throws when the answer is no. */
  readonly confirm: (question: string) => Promise<void>;
}

/**
 * Lets a machine's state follow its spec into another stack; with `to` the spec moves as well. Nothing on the cluster
 * is touched. What the plans of both stacks still have to change is shown; outputs follow by themselves.
 * Returns the exit code.
 * @throws USAGE when no other state knows the machine, INVALID_INPUT, STATE_LOCKED, STATE_CHANGED, BACKEND_FAILED
 */
export async function moveMachine(context: PipelineContext, request: MoveRequest): Promise<number> {
  const described = findDescribed(context.root, request.machine);
  const { from, to = described.stack } = request;
  await request.confirm(
    `${described.name} (${described.spec.vmId}) moves to stack ${to}, and stays as it is.`,
  );
  const machine = to === described.stack ? described : await moveSpecFile(context.root, described, to);
  const removedStacks = from === undefined ? [] : [from];
  const stacks = await prepareStacks(context, { names: [], targets: [], synth: "always", removedStacks });
  const states = await readStates(stacks, context);
  const givers = statesToMoveFrom(machine, states);
  const taker = states.find(({ stack }) => stack.name === machine.stack);
  if (taker === undefined) throw new Error(`stack ${machine.stack} was not synthesised`);
  if (givers.length === 0) return tellNothingToMove(machine, taker, context);
  for (const giver of givers) {
    // Read again: the giver before it has changed what the taker has.
    const [giving = giver, taking = taker] = await readStates([giver.stack, taker.stack], context);
    await moveFrom(giving, taking, machine, context);
  }
  return settle(
    givers.map(({ stack }) => stack.name),
    taker.stack.name,
    context,
  );
}

function statesToMoveFrom({ stack, spec }: Machine, states: readonly StackState[]): StackState[] {
  return states.filter((each) => each.stack.name !== stack && machineIn(each.state, spec.vmId).length > 0);
}

function tellNothingToMove({ name, stack, spec }: Machine, taker: StackState, { report }: PipelineContext) {
  if (machineIn(taker.state, spec.vmId).length === 0) {
    throw new NixherdError("USAGE", {
      message: `No state knows ${name} (${spec.vmId}), so there is nothing to move.`,
      hint: `nixherd apply ${stack} makes it; a machine that is on the cluster already is taken over by nixherd adopt ${spec.vmId}. If the folder of its old stack is gone: --from <stack>.`,
    });
  }
  report({
    event: "note",
    text: `${name} (${spec.vmId}) is in the state of stack ${stack}, and nowhere else.`,
  });
  return 0;
}

async function moveFrom(
  from: StackState,
  to: StackState,
  { name, spec: { vmId } }: Machine,
  { root, report }: PipelineContext,
): Promise<void> {
  const id = `${new Date().toISOString().replace(/[:.]/g, "-")}-${vmId}-${from.stack.name}`;
  const backupFolder = join(root, ".nixherd", "moves", id);
  await moveState({ vmId, from, to, backupFolder });
  const text = `${name} (${vmId}) is in the state of stack ${to.stack.name} now, and in that of ${from.stack.name} no more. Both states as they were: .nixherd/moves/${id}`;
  report({ event: "note", text });
}

/** Plans the stacks; where only outputs differ, which name the machine, they are applied. */
async function settle(givers: readonly string[], taker: string, context: PipelineContext): Promise<number> {
  // The specs are part of what systems are made of, so a moved file has them evaluated anew.
  const synthesis = { synth: "always", systems: "evaluate", removedStacks: givers } as const;
  const stacks = await prepareStacks(context, { names: [...givers, taker], targets: [], ...synthesis });
  const { parallelism } = readSite(context.root, siteFile).site.terraform;
  return withPlanFolder(context.root, async (planFolder) => {
    const planned = await planStacks(stacks, { isDestroy: false, parallelism, planFolder }, context);
    const outputsOnly = planned.done.filter(({ plan }) => changesOutputsOnly(plan));
    const settled = await eachStack(outputsOnly, 1, context, (stack: PlannedStack) =>
      applyStack(stack, parallelism, context),
    );
    return exitCodeOf([...planned.failures, ...settled.failures]);
  });
}
