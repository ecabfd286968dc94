import { badParameters } from "../http/api-error.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";

type Interface = Readonly<Record<string, unknown>> & { readonly iface: string; readonly type: string };

/** One network card, and the node's bridges. */
function interfacesOf({ cluster }: Call, node: string): Interface[] {
  const bridges = [...(cluster.nodes.get(node)?.bridges ?? [])];
  const common = { active: 1, families: ["inet"], method: "manual", method6: "manual" };
  const card = { ...common, iface: "eth0", type: "eth", exists: 1, priority: 3 };
  const entries = bridges.map((iface, index) => ({
    ...common,
    iface,
    type: "bridge",
    autostart: 1,
    bridge_ports: "",
    bridge_stp: "off",
    bridge_fd: "0",
    priority: index + 4,
  }));
  return [card, ...entries];
}

/** Filters of the list beyond the type itself; bridges are what machines can be plugged into. */
const filters: Readonly<Record<string, (type: string) => boolean>> = {
  any_bridge: (type) => type === "bridge",
  any_local_bridge: (type) => type === "bridge",
  include_sdn: () => true,
};

function list(call: Call): unknown[] {
  const wanted = optionalText(call, "type");
  const accepts =
    wanted === undefined ? () => true : (filters[wanted] ?? ((type: string) => type === wanted));
  return interfacesOf(call, text(call, "node")).filter(({ type }) => accepts(type));
}

function read(call: Call): Record<string, unknown> {
  const name = text(call, "iface");
  const found = interfacesOf(call, text(call, "node")).find(({ iface }) => iface === name);
  if (found === undefined) throw badParameters({ iface: "interface does not exist" });
  const { iface: _iface, ...settings } = found;
  return settings;
}

export const nodeNetworkEndpoints: EndpointTable = {
  "GET /nodes/{node}/network": list,
  "GET /nodes/{node}/network/{iface}": read,
};
