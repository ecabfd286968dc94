import { findSection } from "../sections/section-file.ts";
import type { Cluster } from "../state/cluster.ts";
import type { HaService } from "../state/datacenter.ts";
import type { Section } from "../state/section.ts";
import type { Vm } from "../state/vm.ts";
import { sidOf } from "./resource-id.ts";

/** A VM's HA configuration, managed or ignored. */
export function haResourceOf({ datacenter }: Cluster, vmid: number): Section | undefined {
  return findSection(datacenter.sections.haResources, sidOf(vmid));
}

/** The state that a resource shall have; `enabled` is an old word for `started`. */
export function requestedState({ values }: Section): string {
  const state = String(values["state"] ?? "started");
  return state === "enabled" ? "started" : state;
}

/** True for VMs that start, stop and move on the HA manager's command only. */
export function isHaManaged(cluster: Cluster, vmid: number): boolean {
  const resource = haResourceOf(cluster, vmid);
  if (resource === undefined || requestedState(resource) === "ignored") return false;
  return cluster.datacenter.haDisarmed.mode !== "ignore";
}

/** What the manager knows about a resource; it gets to know it in its first round. */
export function haServiceOf({ datacenter }: Cluster, sid: string): HaService | undefined {
  return Object.hasOwn(datacenter.haServices, sid) ? datacenter.haServices[sid] : undefined;
}

/** Failed starts in a row are allowed up to this number. */
function maxRestart({ values }: Section): number {
  return Number(values["max_restart"] ?? 1);
}

/** True when the manager gave a resource up; it must be disabled before anything else. */
export function isInError(service: HaService, resource: Section): boolean {
  return service.failures > maxRestart(resource);
}

/** The state of a resource as the manager puts it; undefined before its first round with it. */
export function serviceState(cluster: Cluster, resource: Section, vm: Vm | undefined): string | undefined {
  const service = haServiceOf(cluster, resource.id);
  if (service === undefined) return undefined;
  if (isInError(service, resource)) return "error";
  if (service.target !== undefined) return "migrate";
  const wanted = requestedState(resource);
  if (wanted === "started") return "started";
  return vm?.process === undefined ? "stopped" : "request_stop";
}

/** `ha` in a VM's current status. */
export function haStatusOf(cluster: Cluster, vm: Vm): Record<string, unknown> {
  const resource = haResourceOf(cluster, vm.vmid);
  if (resource === undefined || !isHaManaged(cluster, vm.vmid)) return { managed: 0 };
  return { managed: 1, state: serviceState(cluster, resource, vm) ?? null };
}
