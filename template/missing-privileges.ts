import { NixherdError } from "../lib/errors.ts";
import type { ProxmoxClient } from "../proxmox/client.ts";

/** Privileges that something needs on a path of the access control. */
export interface Need {
  readonly path: string;
  readonly privileges: readonly string[];
}

export interface PlannedTemplate {
  readonly vmId: number;
  readonly datastore: string;
  /** Storage of uploads. */
  readonly uploads: string;
  readonly bridge: string;
}

/** What a template's own machine needs, whichever way it is made; recorded with Packer's plugin proxmox 1.2.4. */
const machinePrivileges = [
  "VM.Allocate",
  "VM.Audit",
  "VM.Clone",
  "VM.PowerMgmt",
  "VM.GuestAgent.Audit",
  "VM.Config.CDROM",
  "VM.Config.CPU",
  "VM.Config.Cloudinit",
  "VM.Config.Disk",
  "VM.Config.HWType",
  "VM.Config.Memory",
  "VM.Config.Network",
  "VM.Config.Options",
];

/** What every way to a template needs. */
export function needsOfTemplate({ vmId, datastore, bridge }: PlannedTemplate): Need[] {
  return [
    { path: `/vms/${vmId}`, privileges: machinePrivileges },
    { path: `/storage/${datastore}`, privileges: ["Datastore.AllocateSpace", "Datastore.Audit"] },
    { path: `/sdn/zones/localnetwork/${bridge}`, privileges: ["SDN.Use"] },
  ];
}

/** What the clone of a base needs besides. */
export function needsOfBase(baseVmId: number): Need[] {
  return [{ path: `/vms/${baseVmId}`, privileges: ["VM.Audit", "VM.Clone"] }];
}

/** What the installer needs besides: it is uploaded, and keys are typed. */
export function needsOfInstaller({ vmId, uploads }: PlannedTemplate): Need[] {
  return [{ path: `/vms/${vmId}`, privileges: ["VM.Console"] }, ...needsOfUpload({ uploads })];
}

/** What an upload needs besides. */
export function needsOfUpload({ uploads }: Pick<PlannedTemplate, "uploads">): Need[] {
  return [{ path: `/storage/${uploads}`, privileges: ["Datastore.AllocateTemplate", "Datastore.Audit"] }];
}

/** What a verification needs besides: it reads files inside the clones. */
export function needsOfVerification(vmId: number): Need[] {
  return [{ path: `/vms/${vmId}`, privileges: ["VM.GuestAgent.FileRead"] }];
}

/**
 * Checks beforehand what a build would run into after minutes.
 * @throws NO_PERMISSION with every missing privilege by its path
 */
export async function refuseMissingPrivileges(client: ProxmoxClient, needs: readonly Need[]): Promise<void> {
  const byPath = Map.groupBy(needs, ({ path }) => path);
  const missing = await Promise.all(
    [...byPath].map(async ([path, same]) => {
      const held = await privilegesOn(client, path);
      const wanted = new Set(same.flatMap(({ privileges }) => privileges));
      const lacking = [...wanted].filter((privilege) => !isHeld(privilege, held));
      return lacking.length === 0 ? [] : [`on ${path}: ${lacking.toSorted().join(", ")}`];
    }),
  );
  const lines = missing.flat();
  if (lines.length === 0) return;
  throw new NixherdError("NO_PERMISSION", {
    message: ["The API token lacks privileges that a template needs:", ...lines].join("\n"),
    hint: "Give its role these privileges; docs/template.md has the role as commands.",
  });
}

async function privilegesOn(client: ProxmoxClient, path: string): Promise<ReadonlySet<string>> {
  const answer = (await client.get("access/permissions", { path })) as Readonly<Record<string, object>>;
  return new Set(Object.keys(answer[path] ?? {}));
}

/** Whoever may do everything with an agent may read files too. */
function isHeld(privilege: string, held: ReadonlySet<string>): boolean {
  return (
    held.has(privilege) || (privilege.startsWith("VM.GuestAgent.") && held.has("VM.GuestAgent.Unrestricted"))
  );
}
