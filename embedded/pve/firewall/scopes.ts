import { type Call, integer, text } from "../endpoints/endpoint.ts";
import { createFirewall, type FirewallConfig, nodeFirewall, vmFirewall } from "../state/firewall.ts";

/** Whose rules they are; decides which directions and interfaces they may name. */
export type RuleKind = "cluster" | "host" | "vm" | "group";

/** One firewall configuration as the API reaches it. */
export interface FirewallScope {
  /** `/cluster/firewall` */
  readonly path: string;
  readonly kind: Exclude<RuleKind, "group">;
  readonly configOf: (call: Call) => FirewallConfig;
}

/** The cluster's own. */
export const clusterScope: FirewallScope = {
  path: "/cluster/firewall",
  kind: "cluster",
  configOf: ({ cluster }) => cluster.datacenter.firewalls.cluster,
};

/** A node's. */
export const nodeScope: FirewallScope = {
  path: "/nodes/{node}/firewall",
  kind: "host",
  configOf: (call) => nodeFirewall(call.cluster.datacenter.firewalls, text(call, "node")),
};

/** A VM's; what is written about one that does not exist is not kept. */
export const vmScope: FirewallScope = {
  path: "/nodes/{node}/qemu/{vmid}/firewall",
  kind: "vm",
  configOf: (call) => {
    const vmid = integer(call, "vmid");
    const { firewalls } = call.cluster.datacenter;
    return call.cluster.vms.has(vmid) ? vmFirewall(firewalls, vmid) : createFirewall();
  },
};
