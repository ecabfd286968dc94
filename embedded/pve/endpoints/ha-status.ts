import { noteHaChange } from "../ha/ha-rounds.ts";
import { haServiceOf, requestedState, serviceState } from "../ha/managed-resources.ts";
import { parseSid } from "../ha/resource-id.ts";
import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Section } from "../state/section.ts";
import type { Vm } from "../state/vm.ts";
import type { Call, EndpointTable } from "./endpoint.ts";
import { localNode } from "./version.ts";

const goneSince9 = "ha groups have been migrated to rules";

/** Groups became rules in Proxmox VE 9; whatever is asked of them is refused. */
function refuseGroups(verb: string): () => never {
  return () => {
    throw failure(`cannot ${verb}: ${goneSince9}`);
  };
}

function vmOf(cluster: Cluster, { id }: Section): Vm | undefined {
  return cluster.vms.get(parseSid(cluster, id).vmid);
}

/** A resource's state in a user's words: what it is, or what is being done about it. */
function verboseState(cluster: Cluster, resource: Section): string {
  const vm = vmOf(cluster, resource);
  const wanted = requestedState(resource);
  const state = serviceState(cluster, resource, vm);
  if (wanted === "ignored") return "ignored";
  if (vm === undefined) return "not found";
  if (state === undefined) return "queued";
  if (state === "stopped" && wanted === "disabled") return "disabled";
  if (state === "started" && vm.process === undefined) return "starting";
  return state === "request_stop" ? "stopping" : state;
}

function showService(cluster: Cluster, resource: Section): Record<string, unknown> {
  const sid = resource.id;
  const node = vmOf(cluster, resource)?.node;
  const state = cluster.datacenter.haDisarmed.mode === "ignore" ? "ignore" : verboseState(cluster, resource);
  const crmState = serviceState(cluster, resource, vmOf(cluster, resource));
  const { comment } = resource.values;
  return {
    id: `service:${sid}`,
    type: "service",
    sid,
    node,
    state,
    status: `${sid} (${node ?? "---"}, ${state})`,
    request_state: requestedState(resource),
    max_restart: resource.values["max_restart"] ?? 1,
    max_relocate: resource.values["max_relocate"] ?? 1,
    failback: resource.values["failback"] ?? 1,
    ...(crmState === undefined ? {} : { crm_state: crmState }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** `Fri Nov 20 10:00:00 2026` */
function printTime(seconds: number): string {
  const [day, date, month, year, time] = new Date(seconds * 1000).toUTCString().replace(",", "").split(" ");
  return `${day} ${month} ${Number(date).toString().padStart(2)} ${time} ${year}`;
}

/** Resources that the node's manager holds a lock for. */
function activeOn(cluster: Cluster, node: string): boolean {
  return cluster.datacenter.sections.haResources.some((resource) => {
    const vm = vmOf(cluster, resource);
    return vm?.node === node && serviceState(cluster, resource, vm) === "started";
  });
}

function showNodeManager(cluster: Cluster, node: string, now: number): Record<string, unknown> {
  const isActive = activeOn(cluster, node);
  const words = isActive ? "active, watchdog active" : "idle, watchdog standby";
  const status = `${node} (${words}, ${printTime(now)})`;
  return { id: `lrm:${node}`, type: "lrm", node, status, timestamp: now };
}

function fencing({ datacenter }: Cluster, node: string, isActive: boolean): Record<string, unknown> {
  const { mode } = datacenter.haDisarmed;
  const common = { id: "fencing", type: "fencing", node };
  if (mode !== undefined) {
    const status = `disarmed, resource mode: ${mode} (CRM watchdog released)`;
    return { ...common, status, "armed-state": "disarmed", resource_mode: mode };
  }
  const state = isActive ? "armed" : "standby";
  const status = `${state} (CRM watchdog ${isActive ? "active" : "standby"})`;
  return { ...common, status, "armed-state": state };
}

function current({ cluster }: Call): unknown[] {
  const now = cluster.clock.nowSeconds();
  const node = localNode(cluster);
  const { haResources } = cluster.datacenter.sections;
  const isActive = haResources.length > 0;
  const master = `${node} (${isActive ? "active" : "idle"}, ${printTime(now)})`;
  return [
    { id: "quorum", type: "quorum", node, status: "OK", quorate: 1 },
    { id: "master", type: "master", node, status: master, timestamp: now },
    fencing(cluster, node, isActive),
    ...[...cluster.nodes.keys()].sort().map((name) => showNodeManager(cluster, name, now)),
    ...haResources
      .toSorted((one, other) => (one.id < other.id ? -1 : 1))
      .map((resource) => showService(cluster, resource)),
  ];
}

function managerStatus({ cluster }: Call): Record<string, unknown> {
  const now = cluster.clock.nowSeconds();
  const names = [...cluster.nodes.keys()];
  const known = cluster.datacenter.sections.haResources.filter(
    ({ id }) => haServiceOf(cluster, id) !== undefined,
  );
  const services = known.map((resource) => {
    const vm = vmOf(cluster, resource);
    const { target } = haServiceOf(cluster, resource.id) ?? {};
    const state = { node: vm?.node, state: serviceState(cluster, resource, vm) };
    return [resource.id, { ...state, ...(target === undefined ? {} : { target }) }] as const;
  });
  const nodeManagers = names.map((node) => {
    const state = activeOn(cluster, node) ? "active" : "wait_for_agent_lock";
    return [node, { mode: "active", state, results: {}, timestamp: now }] as const;
  });
  return {
    manager_status: {
      master_node: localNode(cluster),
      node_status: Object.fromEntries(
        names.map((node) => [node, cluster.downNodes.has(node) ? "unknown" : "online"]),
      ),
      service_status: Object.fromEntries(services),
      timestamp: now,
    },
    quorum: { node: localNode(cluster), quorate: 1 },
    lrm_status: Object.fromEntries(nodeManagers),
  };
}

function setArmed({ cluster, parameters }: Call): null {
  const mode = parameters["resource-mode"];
  cluster.datacenter.haDisarmed.mode = mode === "freeze" || mode === "ignore" ? mode : undefined;
  noteHaChange(cluster);
  return null;
}

export const haStatusEndpoints: EndpointTable = {
  "GET /cluster/ha/status/current": current,
  "GET /cluster/ha/status/manager_status": managerStatus,
  "POST /cluster/ha/status/arm-ha": setArmed,
  "POST /cluster/ha/status/disarm-ha": setArmed,
  "GET /cluster/ha/groups": refuseGroups("index groups"),
  "POST /cluster/ha/groups": refuseGroups("create group"),
  "GET /cluster/ha/groups/{group}": refuseGroups("read group"),
  "PUT /cluster/ha/groups/{group}": refuseGroups("update group"),
  "DELETE /cluster/ha/groups/{group}": refuseGroups("delete group"),
};
