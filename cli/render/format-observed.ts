import type { ClusterVm } from "../../proxmox/list-vms.ts";
import type { MachineRemarks } from "../../status/observe-machines.ts";
import type { Screen } from "./screen.ts";

/** What the cluster shows of a stack's machines and the plan does not, a line each. */
export function formatObserved(
  stack: string,
  machines: readonly MachineRemarks[],
  paint: Screen["paint"],
): string {
  const lines = machines.flatMap(({ name, vmId, remarks }) =>
    remarks.map((remark) => `  ${paint("yellow", "!")}   ${name} (${vmId}): ${remark}`),
  );
  return [`${paint("bold", stack)}: seen on the cluster, not in the plan`, ...lines].join("\n");
}

/** Machines of ours that no stack knows. */
export function formatStrangers(machines: readonly ClusterVm[], paint: Screen["paint"]): string {
  const lines = machines.map(
    ({ name, vmId, node }) => `  ${paint("yellow", "?")}   ${name} (${vmId}) on ${node}`,
  );
  const head =
    "Machines with the tag nixherd that no stack of this repository knows (nixherd adopt <vmId> takes one over, nixherd remove <vmId> ends it):";
  return [head, ...lines].join("\n");
}
