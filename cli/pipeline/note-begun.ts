import { type BegunMachine, readBegun, writeBegun } from "../../reconcile/begun-machines.ts";
import { machineType } from "../../terraform/machine-address.ts";
import type { PlannedChange } from "../../terraform/show.ts";
import type { PlannedStack } from "./plan-stack.ts";

/** Writes down which machines an apply of this plan will make, before it begins. */
export async function noteBegun(root: string, stack: PlannedStack): Promise<void> {
  const { name, plan } = stack;
  const begunAt = new Date().toISOString();
  const begun = plan.machines
    .filter(({ action }) => action === "create" || action === "replace")
    .map((machine): BegunMachine => {
      const { description } = (changeOf(stack, machine.vmId)?.after ?? {}) as { description?: unknown };
      const text = typeof description === "string" ? description : "";
      return { vmId: machine.vmId, name: machine.name, description: text, begunAt };
    });
  const again = new Set(begun.map(({ vmId }) => vmId));
  const older = [...(await readBegun(root, name)).values()].filter(
    ({ vmId }) => !again.has(vmId) && !isRecorded(stack, vmId),
  );
  await writeBegun(root, name, [...older, ...begun]);
}

/** Forgets machines that the state turns out to know as finished. */
export async function forgetSettled(root: string, stack: PlannedStack): Promise<void> {
  const begun = [...(await readBegun(root, stack.name)).values()];
  const unfinished = new Set(
    stack.plan.machines.filter(({ isUnfinished }) => isUnfinished).map(({ vmId }) => vmId),
  );
  const left = begun.filter(({ vmId, isBare }) => isBare || unfinished.has(vmId) || !isRecorded(stack, vmId));
  if (left.length < begun.length) await writeBegun(root, stack.name, left);
}

/** Forgets the machines of a plan that was applied, and those that the state knows. */
export async function forgetBegun(root: string, stack: PlannedStack): Promise<void> {
  const applied = new Set(stack.plan.machines.map(({ vmId }) => vmId));
  const begun = [...(await readBegun(root, stack.name)).values()];
  const left = begun.filter(({ vmId }) => !applied.has(vmId) && !isRecorded(stack, vmId));
  await writeBegun(root, stack.name, left);
}

/** Whether the state knows a machine, as far as the plan tells. */
function isRecorded(stack: PlannedStack, vmId: number): boolean {
  const { plan, targets, configuration } = stack;
  // Then the whole configuration is in the state.
  if (!plan.hasChanges && !plan.isDestroy && targets.length === 0 && configuration.machines.has(vmId))
    return true;
  const before = changeOf(stack, vmId)?.before;
  return before !== undefined && before !== null;
}

function changeOf({ planJson }: PlannedStack, vmId: number): PlannedChange["change"] | undefined {
  const address = `${machineType}.vm-${vmId}`;
  return planJson.resource_changes?.find((resource) => resource.address === address)?.change;
}
