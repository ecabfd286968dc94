import { badParameters } from "../http/api-error.ts";
import { clusterResources } from "../reports/cluster-resources.ts";
import { firstFreeId } from "./cluster-options.ts";
import { type Call, type EndpointTable, optionalText } from "./endpoint.ts";
import { localNode } from "./version.ts";

function nextId(call: Call): string {
  const { vms } = call.cluster;
  const wanted = call.parameters["vmid"];
  if (wanted !== undefined) {
    if (vms.has(Number(wanted))) throw badParameters({ vmid: `VM ${wanted} already exists` });
    return String(wanted);
  }
  return firstFreeId(call.cluster);
}

function showStatus({ cluster }: Call): unknown[] {
  const nodes = [...cluster.nodes.values()].map(({ name, address }, index) => ({
    id: `node/${name}`,
    name,
    type: "node",
    nodeid: cluster.nodes.size === 1 ? 0 : index + 1,
    ip: address,
    level: "",
    local: name === localNode(cluster) ? 1 : 0,
    online: cluster.downNodes.has(name) ? 0 : 1,
  }));
  if (nodes.length === 1) return nodes;
  return [
    { id: "cluster", name: "embedded", type: "cluster", nodes: nodes.length, quorate: 1, version: 1 },
    ...nodes,
  ];
}

function resources(call: Call): unknown[] {
  const type = optionalText(call, "type");
  return clusterResources(call.cluster, call.caller, type);
}

export const clusterEndpoints: EndpointTable = {
  "GET /cluster/nextid": nextId,
  "GET /cluster/status": showStatus,
  "GET /cluster/resources": resources,
  "GET /cluster/sdn/zones": () => [],
};
