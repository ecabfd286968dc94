import { openProxmox } from "../../../proxmox/client.ts";
import { siteFile } from "../../../specs/list-spec-files.ts";
import { readSite } from "../../../specs/read-site.ts";
import type { PipelineContext } from "../context.ts";
import type { SpecWishes } from "../draft-spec.ts";
import { prepareStacks } from "../prepare-stacks.ts";
import { requireAccess } from "../require-access.ts";
import { type WrittenSpec, writeSpec } from "../write-spec.ts";
import { findStray, type Stray } from "./find-stray.ts";

interface DraftRequest {
  readonly vmId: number;
  readonly stack: string;
}

/**
 * Writes the spec of a machine that is on the cluster and in no state, from what the cluster shows of it: name, node,
 * cores, memory, first disk, first network, user and keys. The rest comes from defaults and neighbours, as with `nixherd new`.
 * @throws NOT_ADOPTABLE, and what `writeSpec` throws
 */
export async function draftStray(
  context: PipelineContext,
  { vmId, stack }: DraftRequest,
): Promise<WrittenSpec> {
  const stacks = await prepareStacks(context, { names: [], targets: [], synth: "always" });
  const client = openProxmox(requireAccess(readSite(context.root, siteFile).site));
  try {
    const stray = await findStray({ vmId, client, stacks, code: "NOT_ADOPTABLE" }, context);
    return await writeSpec(context, {
      stack,
      name: stray.name || `vm-${vmId}`,
      vmId,
      wishes: wishesFrom(stray),
    });
  } finally {
    await client.close();
  }
}

function wishesFrom({ node, config }: Stray): SpecWishes {
  const text = (key: string): string => String(config[key] ?? "");
  const disks = Object.keys(config)
    .filter((key) => /^(virtio|scsi|sata|ide)\d+$/.test(key) && !text(key).includes("media=cdrom"))
    .toSorted();
  const disk = text(disks[0] ?? "");
  const network = text("net0");
  const address = part(text("ipconfig0"), /\bip=([^,]+)/) ?? part(text("ipconfig0"), /\bip6=([^,]+)/);
  return {
    node,
    user: text("ciuser") || undefined,
    // Percent-encoded once more than everything else (Proxmox VE, qm.conf).
    sshKeys: decodeURIComponent(text("sshkeys"))
      .split("\n")
      .filter((key) => key !== ""),
    cores: number(text("cores")),
    memoryMiB: number(part(text("memory"), /^(?:current=)?(\d+)/)),
    datastore: part(disk, /^([^:,]+):/),
    diskGiB: number(part(disk, /\bsize=(\d+)G\b/)),
    bridge: part(network, /\bbridge=([^,]+)/),
    address: address ?? "dhcp",
    gateway: part(text("ipconfig0"), /\bgw=([^,]+)/) ?? part(text("ipconfig0"), /\bgw6=([^,]+)/),
  };
}

function part(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1];
}

function number(text: string | undefined): number | undefined {
  return text === undefined || text === "" ? undefined : Number(text);
}
