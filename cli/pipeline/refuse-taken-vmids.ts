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
import type { PlannedStack, PreparedStack } from "./plan-stack.ts";
import { refuseMovedHere } from "./refuse-moved-specs.ts";

const questionsAtOnce = 8;

interface TakenSearch {
  readonly site: SiteSpec;
  /** Every stack of the repository; asked only when a VMID is taken. */
  readonly allStacks: () => Promise<readonly PreparedStack[]>;
}

/**
 * Leaves out the stacks whose plan would make a machine with a VMID that is taken on the cluster: the state does not
 * know such a machine, so what has its VMID belongs to another stack or to nobody here. Leaves out those, too, whose
 * plan would forget a machine that is only hidden from the token. Notes it when the cluster cannot be asked.
 * The failures are VMID_TAKEN, SPEC_MOVED, MACHINE_HIDDEN and what `ProxmoxClient.get` throws.
 */
export async function refuseTakenVmIds(
  stacks: readonly PlannedStack[],
  { site, allStacks }: TakenSearch,
  context: PipelineContext,
): Promise<StackResults<PlannedStack>> {
  if (!stacks.some(({ plan }) => machinesToAskFor(plan).length > 0)) return { done: stacks, failures: [] };
  const cluster = openCluster(site);
  if ("missing" in cluster) {
    const text = `The cluster was not asked whether the VMIDs are free: ${cluster.missing} is not set.`;
    context.report({ event: "note", text });
    return { done: stacks, failures: [] };
  }
  const { client } = cluster;
  try {
    return await eachStack(stacks, stacks.length, context, async (stack) => {
      const taken = await takenMachines(stack.plan, client);
      refuseToForget(taken);
      await refuseMovedHere(stack.name, taken, allStacks, context);
      await refuseForeign(taken, client);
      return stack;
    });
  } finally {
    await client.close();
  }
}

/**
 * The same for the plan of a stack whose cluster was asked before.
 * @throws VMID_TAKEN, MACHINE_HIDDEN and what `ProxmoxClient.get` throws
 */
export async function refuseTakenIn({ plan }: PlannedStack, site: SiteSpec): Promise<void> {
  const cluster = openCluster(site);
  if ("missing" in cluster) return;
  const { client } = cluster;
  try {
    const taken = await takenMachines(plan, client);
    refuseToForget(taken);
    await refuseForeign(taken, client);
  } finally {
    await client.close();
  }
}

/** Machines that would be made, and those that would only go from the state because the cluster did not show them. */
function machinesToAskFor({ machines }: StackPlan): MachinePlan[] {
  return machines.filter(({ action, isGone }) => action === "create" || (action === "forget" && isGone));
}

async function takenMachines(plan: StackPlan, client: ProxmoxClient): Promise<MachinePlan[]> {
  const wanted = machinesToAskFor(plan);
  const isFree = await runBounded(wanted, questionsAtOnce, ({ vmId }) => isVmIdFree(client, vmId));
  return wanted.filter((_, index) => !isFree[index]);
}

function refuseToForget(taken: readonly MachinePlan[]): void {
  const hidden = taken.filter(({ action }) => action === "forget");
  if (hidden.length === 0) return;
  const names = hidden.map(({ name, vmId }) => `${name} (${vmId})`).join(", ");
  throw new NixherdError("MACHINE_HIDDEN", {
    message: `The cluster has what the state knows as ${names}, and does not show it to this token: an apply would forget it.`,
    hint: "Give the token its rights back (VM.Audit on the machine at least), then plan again.",
  });
}

async function refuseForeign(taken: readonly MachinePlan[], client: ProxmoxClient): Promise<void> {
  if (taken.length === 0) return;
  const visible = new Map((await listVms(client)).map((vm) => [vm.vmId, vm]));
  throw new NixherdError("VMID_TAKEN", {
    message: taken.map((machine) => sentence(machine, visible.get(machine.vmId))).join("\n"),
    hint: "Give the spec a free vmId (nixherd new picks one), or take the machine into the state (nixherd adopt), or remove it.",
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
