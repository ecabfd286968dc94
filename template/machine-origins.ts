import { NixherdError } from "../lib/errors.ts";
import { runBounded } from "../lib/run-bounded.ts";
import type { ProxmoxClient } from "../proxmox/client.ts";
import { readGuestFile } from "./guest-agent.ts";
import { markerPath, parseMarker } from "./template-marker.ts";

/** A running machine and what it was cloned from. */
export interface MachineOrigin {
  readonly vmId: number;
  readonly name: string;
  /** Name of the template, by the marker inside the machine; undefined when the machine does not tell. */
  readonly version: string | undefined;
}

interface Row {
  readonly vmid: number;
  readonly name?: string;
  readonly template?: number;
  readonly status?: string;
}

const questionsAtOnce = 8;

/** Asks every running machine, through its guest agent, which template it came from. */
export async function machineOrigins(client: ProxmoxClient): Promise<MachineOrigin[]> {
  const nodes = (await client.get("nodes")) as readonly { node: string; status?: string }[];
  const online = nodes.filter(({ status }) => status === "online").map(({ node }) => node);
  const running = (await runBounded(online, questionsAtOnce, (node) => runningOn(client, node))).flat();
  return runBounded(running, questionsAtOnce, async ({ vmid, node, name = "" }) => ({
    vmId: vmid,
    name,
    version: await askVersion(client, { node, vmId: vmid }),
  }));
}

/** Asks the node itself: the cluster's own list lags by up to 10 seconds. */
async function runningOn(client: ProxmoxClient, node: string): Promise<(Row & { node: string })[]> {
  const rows = (await client.get(`nodes/${encodeURIComponent(node)}/qemu`)) as readonly Row[];
  return rows
    .filter(({ template, status }) => template !== 1 && status === "running")
    .map((row) => ({ ...row, node, vmid: Number(row.vmid) }));
}

/** A machine that the token may not read files of does not tell either. */
async function askVersion(
  client: ProxmoxClient,
  machine: { readonly node: string; readonly vmId: number },
): Promise<string | undefined> {
  try {
    return parseMarker(await readGuestFile(client, machine, markerPath))?.version;
  } catch (error) {
    if (error instanceof NixherdError && error.code === "NO_PERMISSION") return undefined;
    throw error;
  }
}
