import { NixherdError } from "../../lib/errors.ts";
import type { ProxmoxClient } from "../../proxmox/client.ts";
import { listVms } from "../../proxmox/list-vms.ts";
import { nextFreeVmId, type VmIdRange } from "../../proxmox/next-free-vmid.ts";
import type { Fleet } from "../../specs/fleet.ts";
import { entryOf } from "../../specs/json.ts";
import type { PipelineContext } from "./context.ts";
import { openCluster } from "./open-cluster.ts";

/** What Proxmox VE allows. */
const anyVmId: VmIdRange = { from: 100, to: 999_999_999 };

/**
 * The smallest VMID of a stack's range that no spec, no template of the catalogue and, if it can be asked, nothing on
 * the cluster has.
 * @throws NO_FREE_VMID
 */
export async function freeVmId(fleet: Fleet, stack: string, context: PipelineContext): Promise<number> {
  const range = entryOf(fleet.site.stacks, stack)?.vmIds ?? anyVmId;
  const templates = Object.values(fleet.site.templates).flatMap(({ vmId }) => vmId ?? []);
  const machines = fleet.stacks.flatMap(({ machines }) => machines.map(({ spec }) => spec.vmId));
  const taken = new Set([...templates, ...machines]);
  const asked = await askCluster(fleet, range, taken, context);
  const found = asked === undefined ? await nextFreeVmId(range, taken, undefined) : asked.vmId;
  if (found !== undefined) return found;
  throw new NixherdError("NO_FREE_VMID", {
    message: `No VMID from ${range.from} to ${range.to} is free.`,
    hint: `Widen the range: stacks.${stack}.vmIds in vm-specs/_site.json.`,
  });
}

/** A VMID that is free on the cluster too, if there is one; undefined, and a note, when the cluster cannot be asked. */
async function askCluster(
  fleet: Fleet,
  range: VmIdRange,
  taken: ReadonlySet<number>,
  { report }: PipelineContext,
): Promise<{ readonly vmId: number | undefined } | undefined> {
  let client: ProxmoxClient | undefined;
  try {
    const cluster = openCluster(fleet.site);
    if ("missing" in cluster) {
      report({
        event: "note",
        text: `The cluster was not asked for free VMIDs: ${cluster.missing} is not set.`,
      });
      return undefined;
    }
    client = cluster.client;
    const onCluster = (await listVms(client)).map(({ vmId }) => vmId);
    return { vmId: await nextFreeVmId(range, new Set([...taken, ...onCluster]), client) };
  } catch (error) {
    if (!(error instanceof NixherdError)) throw error;
    report({
      event: "note",
      text: `The cluster could not be asked for free VMIDs (${error.code}): ${error.message}`,
    });
    return undefined;
  } finally {
    await client?.close();
  }
}
