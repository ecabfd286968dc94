import { NixherdError } from "../../../lib/errors.ts";
import { openClusterChanges } from "../../../proxmox/cluster-changes.ts";
import { siteFile } from "../../../specs/list-spec-files.ts";
import { readSite } from "../../../specs/read-site.ts";
import { removeMachine } from "../../../template/remove-machine.ts";
import type { PipelineContext } from "../context.ts";
import { prepareStacks } from "../prepare-stacks.ts";
import { requireAccess } from "../require-access.ts";
import { findStray, refusal, type Stray } from "./find-stray.ts";

export interface RemoveRequest {
  readonly vmId: number;
  /** Asked once, about the machine that will be lost; throws when the answer is no. */
  readonly confirm: (stray: Stray) => Promise<void>;
}

/**
 * Ends a machine of nixherd that no state knows, running or not, with its disks. Returns the exit code.
 * @throws NOT_REMOVABLE, VM_PROTECTED, VM_LOCKED, and what asking and changing the cluster throws
 */
export async function removeStray(
  context: PipelineContext,
  { vmId, confirm }: RemoveRequest,
): Promise<number> {
  const stacks = await prepareStacks(context, { names: [], targets: [], synth: "always" });
  const client = openClusterChanges(requireAccess(readSite(context.root, siteFile).site));
  try {
    const stray = await findStray({ vmId, client, stacks, code: "NOT_REMOVABLE" }, context);
    refuseUnremovable(stray);
    await confirm(stray);
    await removeMachine(client, stray);
    context.report({ event: "note", text: `${stray.name} (${vmId}) on ${stray.node} was removed.` });
    return 0;
  } finally {
    await client.close();
  }
}

function refuseUnremovable({ name, vmId, node, isOurs, lock, config }: Stray): void {
  const machine = `${name} (${vmId}) on ${node}`;
  if (!isOurs) {
    throw refusal(
      "NOT_REMOVABLE",
      `${machine} has neither the tag nor the description of a machine of nixherd: somebody else made it.`,
      "Whoever owns it removes it in Proxmox VE.",
    );
  }
  if (config["protection"] === 1) {
    throw new NixherdError("VM_PROTECTED", {
      message: `${machine} is protected from removal.`,
      hint: "Take the protection away in Proxmox VE first.",
    });
  }
  if (lock === undefined) return;
  throw new NixherdError("VM_LOCKED", {
    message: `${machine} is locked (${lock}).`,
    hint: "Wait until the task that locked it has ended, then run the command again.",
  });
}
