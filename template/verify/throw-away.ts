import type { ClusterChanges } from "../../proxmox/cluster-changes.ts";
import { type ClusterTemplate, pathOf } from "../cluster-template.ts";

/** A clone that lives for one verification. */
export interface ThrowAway {
  readonly vmId: number;
  readonly node: string;
}

interface CloneOptions {
  readonly template: ClusterTemplate;
  readonly vmId: number;
  /** OpenSSH public key that root is to accept. */
  readonly publicKey: string;
  /** Copies the disk instead of linking it, for storages that cannot link. */
  readonly isFull: boolean;
}

const description = "Throw-away clone of nixherd template verify: it may be removed.";

/** GiB that the disk of a clone is larger than its template's: enough to see that the root file system grew. */
function growthGiB(templateDiskGiB: number): number {
  return 4 + Math.ceil(templateDiskGiB / 20);
}

/** Makes the clone; when that fails nothing of it is left. */
export async function cloneThrowAway(changes: ClusterChanges, options: CloneOptions): Promise<ThrowAway> {
  const { template, vmId, isFull } = options;
  await changes.change("POST", `${pathOf(template)}/clone`, {
    newid: vmId,
    name: `verify-${template.vmId}-${vmId}`,
    description,
    full: isFull ? 1 : 0,
  });
  return { vmId, node: template.node };
}

/** Gives the clone its key and a larger disk, and starts it. */
export async function startThrowAway(
  changes: ClusterChanges,
  machine: ThrowAway,
  { template, publicKey }: Pick<CloneOptions, "template" | "publicKey">,
): Promise<void> {
  const path = pathOf(machine);
  await changes.change("PUT", `${path}/config`, {
    ciuser: "root",
    sshkeys: encodeURIComponent(publicKey.trim()),
    ipconfig0: "ip=dhcp",
    onboot: 0,
  });
  if (template.rootDisk !== undefined) {
    const { slot, sizeGiB } = template.rootDisk;
    await changes.change("PUT", `${path}/resize`, { disk: slot, size: `+${growthGiB(sizeGiB)}G` });
  }
  await changes.change("POST", `${path}/status/start`);
}
