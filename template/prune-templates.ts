import { NixherdError } from "../lib/errors.ts";
import type { ClusterChanges } from "../proxmox/cluster-changes.ts";
import type { PruneChoice } from "./choose-prunable.ts";
import { pathOf } from "./cluster-template.ts";

/**
 * Removes the templates that were chosen. The server has the last word: one whose disks are still read by a clone that
 * nobody saw, or that is protected, stays and is told. Gives how many stayed against the choice.
 */
export async function pruneTemplates(
  changes: ClusterChanges,
  choices: readonly PruneChoice[],
  { interrupt, say }: { readonly interrupt: AbortSignal; readonly say: (text: string) => void },
): Promise<number> {
  let refused = 0;
  for (const { template, because } of choices) {
    if (because !== "" || interrupt.aborted) continue;
    try {
      await changes.change("DELETE", pathOf(template), { purge: 1, "destroy-unreferenced-disks": 1 });
      say(`removed ${template.name} (${template.vmId})`);
    } catch (error) {
      if (!(error instanceof NixherdError)) throw error;
      refused += 1;
      say(`not removed: ${template.name} (${template.vmId}): ${error.message}`);
    }
  }
  return refused;
}
