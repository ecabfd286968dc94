import { readAccess } from "../../proxmox/access.ts";
import { openProxmox, type ProxmoxClient } from "../../proxmox/client.ts";
import type { SiteSpec } from "../../specs/site-spec.ts";

/** A client, or the environment variable that is missing to ask the cluster. */
type ClusterResult = { readonly client: ProxmoxClient } | { readonly missing: string };

/**
 * Opens the cluster of the site file or the environment, if there is enough to ask it.
 * @throws ENDPOINT_INVALID, WRONG_TOKEN, TLS_NOT_TRUSTED for settings that cannot work
 */
export function openCluster({ proxmox }: SiteSpec): ClusterResult {
  const result = readAccess({ endpoint: proxmox.endpoint, isInsecure: proxmox.insecure });
  return result.ok ? { client: openProxmox(result.access) } : { missing: result.missing };
}
