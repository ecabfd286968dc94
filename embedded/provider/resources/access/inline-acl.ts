import { inContext } from "../../api/api-error.ts";
import type { Behaviours } from "../../legacy/field.ts";
import type { ResourceData } from "../../legacy/resource-data.ts";
import type { Section } from "../../legacy/section.ts";
import type { ProviderSession } from "../../provider-session.ts";

/** An entry of the access control list as the server lists it. */
export interface ListedAcl {
  readonly type: "group" | "token" | "user";
  readonly ugid: string;
  readonly path: string;
  readonly roleid: string;
  readonly propagate?: unknown;
}

/** The behaviour of the `acl` blocks inside users ("users") and groups ("groups"). */
export function aclBehaviours(kinds: string): Behaviours {
  const deprecation = `Manage ACLs via the dedicated \`proxmox_acl\` resource instead. The inline \`acl\` block is no longer auto-populated from the cluster on refresh or import; existing ${kinds} with \`acl\` blocks continue to work, but new code should use \`proxmox_acl\`.`;
  return { acl: { deprecation }, "acl.propagate": { default: false } };
}

/** Reads the whole access control list. */
export async function listAcl({ api, lifetime }: ProviderSession): Promise<readonly ListedAcl[]> {
  const list = await inContext("failed to get access control list", () =>
    api.request("GET", "access/acl", lifetime),
  );
  return (list ?? []) as readonly ListedAcl[];
}

/** Changes one entry of the access control list. */
export async function updateAcl(
  { api, lifetime }: ProviderSession,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  await inContext("failed to update access control list", () =>
    api.request("PUT", "access/acl", lifetime, parameters),
  );
}

/** Adds or removes the entries of `acl` blocks for a user or group. */
export async function changeInlineAcl(
  kind: "group" | "user",
  id: string,
  entries: readonly Section[],
  isRemoval: boolean,
  session: ProviderSession,
): Promise<void> {
  for (const entry of entries) {
    await updateAcl(session, {
      delete: String(Number(isRemoval)),
      [`${kind}s`]: id,
      path: entry.text("path"),
      propagate: String(Number(entry.flag("propagate"))),
      roles: entry.text("role_id"),
    });
  }
}

/** Reads the entries back where the state has `acl` blocks; others are left to proxmox_acl. */
export async function readInlineAcl(
  kind: "group" | "user",
  data: ResourceData,
  session: ProviderSession,
): Promise<void> {
  if (data.now.blocks("acl").length === 0) return;
  const own = (await listAcl(session)).filter(({ type, ugid }) => type === kind && ugid === data.id);
  data.set(
    "acl",
    own.map(({ path, roleid, propagate }) => ({ path, role_id: roleid, propagate: propagate === 1 })),
  );
}
