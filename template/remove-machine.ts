import type { ClusterChanges } from "../proxmox/cluster-changes.ts";
import { pathOf } from "./cluster-template.ts";

/** Ends a machine, running or not, with its disks and whatever names it. */
export async function removeMachine(
  changes: ClusterChanges,
  machine: { readonly node: string; readonly vmId: number },
): Promise<void> {
  const path = pathOf(machine);
  const { status } = (await changes.get(`${path}/status/current`)) as { readonly status?: string };
  if (status !== "stopped") await changes.change("POST", `${path}/status/stop`);
  await changes.change("DELETE", path, { purge: 1, "destroy-unreferenced-disks": 1 });
}
