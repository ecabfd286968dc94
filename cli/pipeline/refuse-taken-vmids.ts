import { NixherdError } from "../../lib/errors.ts";
import { runBounded } from "../../lib/run-bounded.ts";
import type { ProxmoxClient } from "../../proxmox/client.ts";
import { type ClusterVm, listVms } from "../../proxmox/list-vms.ts";
import { isVmIdFree } from "../../proxmox/next-free-vmid.ts";
import type { SiteSpec } from "../../specs/site-spec.ts";
import type { MachinePlan, StackPlan } from "../../terraform/stack-plan.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack, type StackResults } from "./each-stack.ts";
import { openCluster } from "./open-cluster.ts";
import type { PlannedStack } from "./plan-stack.ts";

const questionsAtOnce = 8;

/**
 * Leaves out the stacks whose plan would make a machine with a VMID that is taken on the cluster: the state does not
 * know such a machine, so whatever has its VMID is not ours. Notes it when the cluster cannot be asked.
 * The failures are VMID_TAKEN and what `ProxmoxClient.get` throws.
 */
export async function refuseTakenVmIds(
  stacks: readonly PlannedStack[],
  site: SiteSpec,
  context: PipelineContext,
): Promise<StackResults<PlannedStack>> {
  if (!stacks.some(({ plan }) => machinesToCreate(plan).length > 0)) return { done: stacks, failures: [] };
  const cluster = openCluster(site);
  if ("missing" in cluster) {
    const text = `The cluster was not asked whether the VMIDs are free: ${cluster.missing} is not set.`;
    context.report({ event: "note", text });
    return { done: stacks, failures: [] };
  }
  const { client } = cluster;
  try {
    return await eachStack(stacks, stacks.length, context, async (stack) => {
      await refuseTaken(stack.plan, client);
      return stack;
    });
  } finally {
    await client.close();
  }
}

function machinesToCreate({ machines }: StackPlan): MachinePlan[] {
  return machines.filter(({ action }) => action === "create");
}

async function refuseTaken(plan: StackPlan, client: ProxmoxClient): Promise<void> {
  const wanted = machinesToCreate(plan);
  const isFree = await runBounded(wanted, questionsAtOnce, ({ vmId }) => isVmIdFree(client, vmId));
  const taken = wanted.filter((_, index) => !isFree[index]);
  if (taken.length === 0) return;
  const visible = new Map((await listVms(client)).map((vm) => [vm.vmId, vm]));
  throw new NixherdError("VMID_TAKEN", {
    message: taken.map((machine) => sentence(machine, visible.get(machine.vmId))).join("\n"),
    hint: "Give the spec a free vmId (nixherd new picks one), or remove or import the machine that has it.",
  });
}

function sentence({ vmId, name, isGone }: MachinePlan, holder: ClusterVm | undefined): string {
  const past = isGone ? " It was in the state until this plan: give the token its rights back." : "";
  return `VMID ${vmId}, wanted for ${name}, is taken by ${describe(holder)}.${past}`;
}

function describe(holder: ClusterVm | undefined): string {
  if (holder === undefined) return "a machine or container that this token may not see";
  const kind = holder.kind === "lxc" ? "container" : holder.isTemplate ? "template" : "machine";
  return `${kind} ${holder.name || "without a name"} on node ${holder.node}`;
}
