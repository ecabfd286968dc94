import { NixherdError } from "../../lib/errors.ts";
import { type ClusterVm, listVms } from "../../proxmox/list-vms.ts";
import type { SiteSpec } from "../../specs/site-spec.ts";
import { observeMachines } from "../../status/observe-machines.ts";
import { machineOfAddress } from "../../terraform/machine-address.ts";
import type { PipelineContext } from "./context.ts";
import { openCluster } from "./open-cluster.ts";
import type { PlannedStack } from "./plan-stack.ts";
import { ownTag } from "./strays/find-stray.ts";

interface Observation {
  readonly site: SiteSpec;
  /** All stacks of the repository are there, so a machine that none of them knows is a stranger. */
  readonly isWhole: boolean;
}

/**
 * Tells what the cluster shows beside the plans: what waits for a reboot, what was added outside, and machines of ours
 * that no stack knows. A cluster that cannot be asked is a note, since the plans are made already.
 */
export async function observeCluster(
  stacks: readonly PlannedStack[],
  { site, isWhole }: Observation,
  { report }: PipelineContext,
): Promise<void> {
  if (!stacks.some(({ configuration }) => configuration.machines.size > 0)) return;
  const cluster = openCluster(site);
  if ("missing" in cluster) {
    report({
      event: "note",
      text: `The cluster was not looked at beside the plan: ${cluster.missing} is not set.`,
    });
    return;
  }
  const { client } = cluster;
  try {
    const vms = await listVms(client, { hasDetails: true });
    for (const { name, configuration } of stacks) {
      const machines = await observeMachines(client, vms, configuration.machines);
      if (machines.length > 0) report({ event: "observed", stack: name, machines });
    }
    const strangers = isWhole ? findStrangers(vms, stacks) : [];
    if (strangers.length > 0) report({ event: "strangers", machines: strangers });
  } catch (error) {
    if (!(error instanceof NixherdError)) throw error;
    report({
      event: "note",
      text: `The cluster could not be looked at beside the plan (${error.code}): ${error.message}`,
    });
  } finally {
    await client.close();
  }
}

/** Machines with our tag that neither a spec nor a state knows: left behind by a failed run, or by another repository. */
function findStrangers(vms: readonly ClusterVm[], stacks: readonly PlannedStack[]): ClusterVm[] {
  const described = stacks.flatMap(({ configuration }) => [...configuration.machines.keys()]);
  const planned = stacks.flatMap(({ planJson }) =>
    (planJson.resource_changes ?? []).flatMap(({ address }) => machineOfAddress(address)?.vmId ?? []),
  );
  const known = new Set([...described, ...planned]);
  return vms.filter(({ vmId, tags, isTemplate }) => tags.includes(ownTag) && !isTemplate && !known.has(vmId));
}
