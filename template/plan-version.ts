import { NixherdError } from "../lib/errors.ts";
import type { ProxmoxClient } from "../proxmox/client.ts";
import { nextFreeVmId } from "../proxmox/next-free-vmid.ts";
import type { SiteSpec, TemplateBuild } from "../specs/site-spec.ts";
import { listTemplates } from "./cluster-template.ts";
import { nextTemplateName } from "./template-name.ts";

/** A version that does not exist yet. */
export interface PlannedVersion {
  readonly name: string;
  readonly vmId: number;
}

/**
 * The name and the VMID of the next version. Never those of one that exists: the old one stays until the new one is
 * verified.
 * @throws NO_FREE_VMID
 */
export async function planVersion(
  client: ProxmoxClient,
  { build, templates, reserved }: VersionRequest,
): Promise<PlannedVersion> {
  const onCluster = await listTemplates(client);
  const entries = Object.values(templates);
  const names = [
    ...onCluster.map(({ name }) => name),
    ...entries.flatMap(({ name, version }) => [name ?? "", version ?? ""]),
  ];
  const taken = new Set([...reserved, ...entries.flatMap(({ vmId }) => vmId ?? [])]);
  const vmId = await nextFreeVmId(build.vmIds, taken, client);
  if (vmId !== undefined) return { name: nextTemplateName(baseName(build), names), vmId };
  throw new NixherdError("NO_FREE_VMID", {
    message: `No VMID from ${build.vmIds.from} to ${build.vmIds.to} is free for a template.`,
    hint: "Remove old versions with nixherd template prune, or widen templateBuild.vmIds in vm-specs/_site.json.",
  });
}

interface VersionRequest {
  readonly build: TemplateBuild;
  /** The catalogue. */
  readonly templates: SiteSpec["templates"];
  /** VMIDs of the specs. */
  readonly reserved: ReadonlySet<number>;
}

/** What all versions of a template are called before their number; also its key in the catalogue. */
export function baseName({ release }: Pick<TemplateBuild, "release">): string {
  return `nixos-${release}`;
}
