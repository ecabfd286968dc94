import { badParameters, failure } from "../http/api-error.ts";
import { clusterResources } from "../reports/cluster-resources.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";
import { localNode } from "./version.ts";

const firstVmid = 100;

function nextId(call: Call): string {
  const { vms } = call.cluster;
  const wanted = call.parameters["vmid"];
  if (wanted !== undefined) {
    if (vms.has(Number(wanted))) throw badParameters({ vmid: `VM ${wanted} already exists` });
    return String(wanted);
  }
  let vmid = firstVmid;
  while (vms.has(vmid)) vmid += 1;
  return String(vmid);
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
    online: 1,
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

function haResource(call: Call): never {
  throw failure(`no such resource '${text(call, "sid")}'`);
}

function haGroups(): never {
  throw failure("cannot index groups: ha groups have been migrated to rules");
}

export const clusterEndpoints: EndpointTable = {
  "GET /cluster/nextid": nextId,
  "GET /cluster/status": showStatus,
  "GET /cluster/resources": resources,
  "GET /cluster/backup": () => [],
  "GET /cluster/sdn/zones": () => [],
  "GET /cluster/ha/resources": () => [],
  "GET /cluster/ha/resources/{sid}": haResource,
  "GET /cluster/ha/groups": haGroups,
};
