import { NixherdError } from "../../lib/errors.ts";
import { runBounded } from "../../lib/run-bounded.ts";
import type { ProxmoxClient } from "../../proxmox/client.ts";
import type { SiteSpec } from "../../specs/site-spec.ts";
import type { MachinePlan } from "../../terraform/stack-plan.ts";
import type { PipelineContext } from "./context.ts";
import { openCluster } from "./open-cluster.ts";
import type { PlannedStack } from "./plan-stack.ts";

const questionsAtOnce = 8;

/**
 * Tells, after an apply that failed, which machines stand still that it was to power-cycle, and how they are started.
 * A cluster that cannot be asked is a note: the apply's own failure matters more.
 */
export async function tellStopped(
  { name: stack, plan }: PlannedStack,
  site: SiteSpec,
  { report }: PipelineContext,
): Promise<void> {
  const cycled = plan.machines.filter(({ power }) => power === "power cycle");
  const cluster = openCluster(site);
  if (cycled.length === 0 || "missing" in cluster) return;
  const note = (text: string) => report({ event: "note", text: `${stack}: ${text}` });
  try {
    const isStopped = await runBounded(cycled, questionsAtOnce, (machine) =>
      isStill(cluster.client, machine),
    );
    for (const { name, vmId } of cycled.filter((_, index) => isStopped[index])) {
      note(
        `${name} (${vmId}) was stopped for its change and stands still. nixherd apply ${stack} --target ${vmId} starts it; if the change is what keeps it from starting, take it back in the spec first.`,
      );
    }
  } catch (error) {
    if (!(error instanceof NixherdError)) throw error;
    note(`Whether its machines run could not be asked (${error.code}): ${error.message}`);
  } finally {
    await cluster.client.close();
  }
}

async function isStill(client: ProxmoxClient, { node, vmId }: MachinePlan): Promise<boolean> {
  const path = `nodes/${encodeURIComponent(node)}/qemu/${vmId}/status/current`;
  const { status } = (await client.get(path)) as { readonly status?: string };
  return status === "stopped";
}
