/** A firewall rule as the API shows it, without its position and digest. */
export type FirewallRule = Record<string, string | number>;

/** A named address or network. */
export interface FirewallAlias {
  name: string;
  cidr: string;
  ipversion: number;
  comment?: string;
}

/** An address or network in an IP set. */
export interface IpSetEntry {
  cidr: string;
  nomatch?: number;
  comment?: string;
}

/** A named set of addresses. */
export interface IpSet {
  name: string;
  comment: string | undefined;
  entries: IpSetEntry[];
}

/** A named list of rules that others can refer to. */
export interface SecurityGroup {
  group: string;
  comment: string | undefined;
  rules: FirewallRule[];
}

/** One firewall configuration: the cluster's, a node's or a VM's. Only the cluster's has groups. */
export interface FirewallConfig {
  readonly options: Record<string, string | number>;
  rules: FirewallRule[];
  aliases: FirewallAlias[];
  ipsets: IpSet[];
  groups: SecurityGroup[];
}

/** Every firewall configuration there is. */
export interface Firewalls {
  readonly cluster: FirewallConfig;
  /** By node. */
  readonly nodes: Record<string, FirewallConfig>;
  /** By VMID; one that was never changed is not there. */
  readonly vms: Record<string, FirewallConfig>;
}

/** One without anything in it. */
export function createFirewall(): FirewallConfig {
  return { options: {}, rules: [], aliases: [], ipsets: [], groups: [] };
}

/** Nothing is configured at first. */
export function createFirewalls(): Firewalls {
  return { cluster: createFirewall(), nodes: {}, vms: {} };
}

/** A node's configuration. */
export function nodeFirewall({ nodes }: Firewalls, node: string): FirewallConfig {
  nodes[node] ??= createFirewall();
  return nodes[node];
}

/** A VM's configuration. */
export function vmFirewall({ vms }: Firewalls, vmid: number): FirewallConfig {
  vms[vmid] ??= createFirewall();
  return vms[vmid];
}

/** A clone starts with a copy of its source's configuration, a destroyed VM leaves none. */
export function copyVmFirewall({ vms }: Firewalls, vmid: number, newVmid: number): void {
  const source = vms[vmid];
  if (source === undefined) delete vms[newVmid];
  else vms[newVmid] = structuredClone(source);
}
