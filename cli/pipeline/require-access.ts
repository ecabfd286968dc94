import { NixherdError } from "../../lib/errors.ts";
import { type ProxmoxAccess, readAccess } from "../../proxmox/access.ts";
import type { SiteSpec } from "../../specs/site-spec.ts";

/**
 * How the cluster is reached, for commands that can do nothing without it.
 * @throws ENDPOINT_INVALID, WRONG_TOKEN when nobody says it
 */
export function requireAccess({ proxmox }: SiteSpec): ProxmoxAccess {
  const result = readAccess({ endpoint: proxmox.endpoint, isInsecure: proxmox.insecure });
  if (result.ok) return result.access;
  throw result.missing === "PROXMOX_VE_ENDPOINT"
    ? new NixherdError("ENDPOINT_INVALID", {
        message: "Nobody says where Proxmox VE is: PROXMOX_VE_ENDPOINT is not set.",
        hint: "Set it, or proxmox.endpoint in vm-specs/_site.json, to https://host:8006/.",
      })
    : new NixherdError("WRONG_TOKEN", {
        message: "PROXMOX_VE_API_TOKEN is not set.",
        hint: "Set it to user@realm!id=uuid of a token with the role that the README describes.",
      });
}
