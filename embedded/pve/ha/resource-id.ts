import { failure } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";

/** An HA resource id in its parts: `vm:101`. */
export interface ResourceId {
  readonly sid: string;
  readonly type: string;
  readonly vmid: number;
}

/** The HA resource id of a VM. */
export function sidOf(vmid: number): string {
  return `vm:${vmid}`;
}

/**
 * Reads an HA resource id, or the id of a VM in its place.
 *
 * @throws ApiError 500 for a bare id without a VM, and for what is no id.
 */
export function parseSid(cluster: Cluster, text: string): ResourceId {
  if (/^\d+$/.test(text)) {
    if (cluster.vms.has(Number(text))) return { sid: sidOf(Number(text)), type: "vm", vmid: Number(text) };
    throw failure(`unable to detect SID from VMID - VM/CT ${text} does not exist`);
  }
  const [, type, name] = /^(\S+):(\S+)$/.exec(text) ?? [];
  if (type === undefined) throw failure(`unable to parse service id '${text}'`);
  return { sid: text, type, vmid: Number(name) };
}
