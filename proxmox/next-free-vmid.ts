import { NixherdError } from "../lib/errors.ts";
import type { ProxmoxClient } from "./client.ts";

/** The inclusive range of VMIDs to choose from. */
export interface VmIdRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Whether nothing on the cluster has a VMID. This also knows machines that the token may not see, which lists leave out.
 * @throws what `ProxmoxClient.get` throws
 */
export async function isVmIdFree(client: ProxmoxClient, vmId: number): Promise<boolean> {
  try {
    await client.get("cluster/nextid", { vmid: vmId });
    return true;
  } catch (error) {
    if (error instanceof NixherdError && /vmid: VM \d+ already exists/.test(error.message)) return false;
    throw error;
  }
}

/**
 * The smallest VMID of a range that is neither in `taken` nor on the cluster; undefined when none is left.
 * Without a client only `taken` counts.
 */
export async function nextFreeVmId(
  range: VmIdRange,
  taken: ReadonlySet<number>,
  client: ProxmoxClient | undefined,
): Promise<number | undefined> {
  for (let vmId = range.from; vmId <= range.to; vmId += 1) {
    if (taken.has(vmId)) continue;
    if (client === undefined || (await isVmIdFree(client, vmId))) return vmId;
  }
  return undefined;
}
