import { findHostKey, type HostKey } from "../../../guests/host-key.ts";
import { NixherdError } from "../../../lib/errors.ts";
import type { ProxmoxClient } from "../../../proxmox/client.ts";
import { listVms } from "../../../proxmox/list-vms.ts";
import type { Fleet } from "../../../specs/fleet.ts";
import { openCluster } from "../open-cluster.ts";

/** What guest agents tell of their machines, past the network. */
export interface AgentQuestions {
  /** Undefined where the cluster cannot be asked, for want of endpoint or token. */
  hostKey(vmId: number): Promise<HostKey | undefined>;
  /** The first address that is reachable from outside; undefined if there is none or nobody to ask. */
  address(vmId: number): Promise<string | undefined>;
  /** The node that the machine is on now; its spec's where the cluster cannot be asked. */
  node(vmId: number): Promise<string>;
  close(): Promise<void>;
}

const hostKeyFile = "/etc/ssh/ssh_host_ed25519_key.pub";

/** Opens the way to the agents; nothing is asked before the first question. */
export function openAgents({ site, stacks }: Fleet): AgentQuestions {
  const cluster = openCluster(site);
  const machines = stacks.flatMap((stack) => stack.machines);
  const specNode = (vmId: number) => machines.find(({ spec }) => spec.vmId === vmId)?.spec.node ?? "";
  if ("missing" in cluster) {
    const nothing = () => Promise.resolve(undefined);
    return { hostKey: nothing, address: nothing, node: async (vmId) => specNode(vmId), close: nothing };
  }
  const { client } = cluster;
  let nodes: Promise<ReadonlyMap<number, string>> | undefined;
  const node = async (vmId: number) => {
    nodes ??= nodesOf(client);
    return (await nodes).get(vmId) ?? specNode(vmId);
  };
  const ask = async (vmId: number, question: string, query = {}): Promise<unknown> => {
    const path = `nodes/${encodeURIComponent(await node(vmId))}/qemu/${vmId}/agent/${question}`;
    return client.get(path, query).catch((error: unknown) => {
      throw silentAgent(vmId, error);
    });
  };
  return {
    node,
    hostKey: async (vmId) => readHostKey(await ask(vmId, "file-read", { file: hostKeyFile })),
    address: async (vmId) => firstAddress(await ask(vmId, "network-get-interfaces")),
    close: () => client.close(),
  };
}

async function nodesOf(client: ProxmoxClient): Promise<ReadonlyMap<number, string>> {
  return new Map((await listVms(client)).map(({ vmId, node }) => [vmId, node]));
}

function readHostKey(answer: unknown): HostKey | undefined {
  return findHostKey(String((answer as { readonly content?: unknown }).content ?? ""));
}

interface AgentInterface {
  readonly "ip-addresses"?: readonly { readonly "ip-address"?: string }[];
}

/** Loopback and link-local addresses lead nowhere from outside. */
const innerAddress = /^(127\.|169\.254\.|::1$|fe80:)/i;

function firstAddress(answer: unknown): string | undefined {
  const { result } = answer as { readonly result?: readonly AgentInterface[] };
  const addresses = (result ?? []).flatMap((one) => one["ip-addresses"] ?? []);
  const outer = addresses.flatMap((one) => one["ip-address"] ?? []).filter((one) => !innerAddress.test(one));
  return outer.find((one) => !one.includes(":")) ?? outer[0];
}

function silentAgent(vmId: number, error: unknown): unknown {
  if (!(error instanceof NixherdError) || error.code !== "PROXMOX_API_FAILED") return error;
  return new NixherdError(error.code, {
    message: `The guest agent of machine ${vmId} could not be asked: ${error.message}`,
    hint: "Check that the machine runs and that its agent does (services.qemuGuest.enable).",
    cause: error,
  });
}
