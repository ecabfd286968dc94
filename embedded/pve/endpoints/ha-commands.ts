import { noteHaChange } from "../ha/ha-rounds.ts";
import { haResourceOf, haServiceOf, isHaManaged, isInError } from "../ha/managed-resources.ts";
import { moveResource } from "../ha/move-resource.ts";
import { sidOf } from "../ha/resource-id.ts";
import { failure } from "../http/api-error.ts";
import { createHaService } from "../state/datacenter.ts";
import { startTask } from "../state/task.ts";
import type { Vm } from "../state/vm.ts";
import type { Call } from "./endpoint.ts";

/** Something asked of the HA manager in place of the VM itself. Its task ends as soon as it is asked. */
export interface HaCommand {
  readonly type: "hastart" | "hastop" | "hamigrate";
  /** What is requested, as the task's log says it: `start for VM 101`. */
  readonly request: string;
  readonly ask: () => void;
}

/** Asks for a start; the manager refuses for resources that it gave up. */
export function haStart({ cluster }: Call, { vmid }: Vm): HaCommand {
  const ask = () => {
    const resource = haResourceOf(cluster, vmid);
    const service = haServiceOf(cluster, sidOf(vmid));
    if (resource === undefined) return;
    if (service !== undefined && isInError(service, resource))
      throw failure(`command 'ha-manager set ${sidOf(vmid)} --state started' failed: exit code 255`);
    resource.values["state"] = "started";
    noteHaChange(cluster);
  };
  return { type: "hastart", request: `start for VM ${vmid}`, ask };
}

/** Asks for a stop within some seconds; 0 cuts the power. */
export function haStop({ cluster }: Call, { vmid }: Vm, timeoutSeconds: number): HaCommand {
  const ask = () => {
    const { haServices } = cluster.datacenter;
    const service = haServiceOf(cluster, sidOf(vmid)) ?? createHaService();
    haServices[sidOf(vmid)] = { ...service, stopSeconds: timeoutSeconds };
    noteHaChange(cluster);
  };
  return { type: "hastop", request: `stop for VM ${vmid}`, ask };
}

/** Asks for a move to another node. */
export function haMigrate({ cluster }: Call, { vmid }: Vm, target: string): HaCommand {
  const ask = () => {
    moveResource(cluster, sidOf(vmid), target, false);
  };
  return { type: "hamigrate", request: `migration for VM ${vmid} to node ${target}`, ask };
}

/** Runs `command` for VMs that HA manages, and `otherwise` for all others; both return a UPID. */
export function throughHa(
  call: Call,
  vm: Vm,
  command: HaCommand | undefined,
  otherwise: () => string,
): string {
  const { cluster, caller } = call;
  if (command === undefined || !isHaManaged(cluster, vm.vmid)) return otherwise();
  const { type, request, ask } = command;
  return startTask(cluster, { node: vm.node, type, id: String(vm.vmid), caller }, ({ log }) => {
    log(`Requesting HA ${request}`);
    ask();
  });
}
