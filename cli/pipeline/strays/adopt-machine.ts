import { NixherdError } from "../../../lib/errors.ts";
import { openProxmox } from "../../../proxmox/client.ts";
import type { Machine } from "../../../specs/fleet.ts";
import { siteFile } from "../../../specs/list-spec-files.ts";
import { readSite } from "../../../specs/read-site.ts";
import { importResource } from "../../../terraform/import.ts";
import { addressesOfMachine, addressOfPart } from "../../../terraform/machine-address.ts";
import { forgetResources } from "../../../terraform/state-rm.ts";
import type { PipelineContext } from "../context.ts";
import { readSoundFleet } from "../move/find-moved.ts";
import { type PreparedStack, planStack } from "../plan-stack.ts";
import { prepareStacks } from "../prepare-stacks.ts";
import { requireAccess } from "../require-access.ts";
import { withPlanFolder } from "../with-plan-folder.ts";
import { findStray, refusal, type Stray } from "./find-stray.ts";

export interface AdoptRequest {
  readonly vmId: number;
  /** The stack in which its spec is expected; undefined is any. */
  readonly stack: string | undefined;
  /** Also a machine that has no mark of nixherd: somebody else made it. */
  readonly isForeign: boolean;
  /** Asked once, with one sentence, before anything is changed; throws when the answer is no. */
  readonly confirm: (question: string) => Promise<void>;
}

/**
 * Takes a machine of the cluster that no state knows into the state of the stack whose spec describes it, and shows
 * what the next apply would change. Nothing on the cluster is touched. One that the next apply would replace is not kept.
 * Returns the exit code.
 * @throws NOT_ADOPTABLE, and what importing and planning throws
 */
export async function adoptMachine(context: PipelineContext, request: AdoptRequest): Promise<number> {
  const { root } = context;
  const described = requireSpec(root, request);
  const stacks = await prepareStacks(context, { names: [], targets: [], synth: "always" });
  const stray = await lookFor(stacks, request, context);
  const stack = stacks.find(({ name }) => name === described.stack);
  if (stack === undefined) throw new Error(`stack ${described.stack} was not synthesised`);
  const { name, node } = stray;
  await request.confirm(
    `${name} (${request.vmId}) on ${node} is taken into the state of stack ${stack.name} as ${described.file} describes it.`,
  );
  const address = addressOfPart(request.vmId, "machine");
  await importResource(stack.folder, { address, id: `${node}/${request.vmId}` });
  await keepUnlessReplaced(stack, request.vmId, context);
  const text = `${name} (${request.vmId}) is in the state of stack ${stack.name} now; what is listed above comes with nixherd apply ${stack.name}.`;
  context.report({ event: "note", text });
  return 0;
}

function requireSpec(root: string, { vmId, stack }: AdoptRequest): Machine {
  const machines = readSoundFleet(root).stacks.flatMap((each) => each.machines);
  const described = machines.find(({ spec }) => spec.vmId === vmId);
  if (described === undefined) {
    const hint = `Write it, or have it drafted from what the cluster shows: nixherd adopt ${vmId} --stack ${stack ?? "<stack>"} --draft.`;
    throw refusal("NOT_ADOPTABLE", `No spec describes a machine with VMID ${vmId}.`, hint);
  }
  if (stack === undefined || stack === described.stack) return described;
  throw refusal(
    "NOT_ADOPTABLE",
    `${described.file} describes the machine in stack ${described.stack}, and not in ${stack}.`,
    "Leave --stack out, or move the file.",
  );
}

async function lookFor(
  stacks: readonly PreparedStack[],
  { vmId, isForeign }: AdoptRequest,
  context: PipelineContext,
): Promise<Stray> {
  const client = openProxmox(requireAccess(readSite(context.root, siteFile).site));
  try {
    const stray = await findStray({ vmId, client, stacks, code: "NOT_ADOPTABLE" }, context);
    if (stray.isOurs || isForeign) return stray;
    throw refusal(
      "NOT_ADOPTABLE",
      `${stray.name} (${vmId}) on ${stray.node} has neither the tag nor the description of a machine of nixherd: somebody else made it.`,
      "If it is yours to take, add --foreign; from then on its spec decides about it.",
    );
  } finally {
    await client.close();
  }
}

/** Shows what an apply would change; takes the machine out of the state again if that is its end, or nobody can tell. */
async function keepUnlessReplaced(
  stack: PreparedStack,
  vmId: number,
  context: PipelineContext,
): Promise<void> {
  try {
    await refuseReplacement(stack, vmId, context);
  } catch (error) {
    // An interruption, too, must not leave behind what nobody has looked at.
    await forgetResources({ ...stack.folder, interrupt: undefined }, [addressOfPart(vmId, "machine")]);
    throw error;
  }
}

async function refuseReplacement(
  stack: PreparedStack,
  vmId: number,
  context: PipelineContext,
): Promise<void> {
  const { parallelism } = readSite(context.root, siteFile).site.terraform;
  const { plan } = await withPlanFolder(context.root, (planFolder) => {
    const request = { isDestroy: false, parallelism, planFolder, targets: addressesOfMachine(vmId) };
    return planStack({ ...stack, targets: [vmId] }, request, context);
  });
  const machine = plan.machines.find((each) => each.vmId === vmId);
  if (machine === undefined || !["replace", "destroy", "create"].includes(machine.action)) return;
  const because = machine.replacedBecauseOf.join(", ") || "the plan above";
  throw new NixherdError("NOT_ADOPTABLE", {
    message: `An apply would ${machine.action} ${machine.name} (${vmId}) because of ${because}, so it was not taken into the state.`,
    hint: "Correct the spec so that it describes the machine as it is, then run the command again.",
  });
}
