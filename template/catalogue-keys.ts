import type { SiteSpec } from "../specs/site-spec.ts";
import type { ClusterTemplate } from "./cluster-template.ts";

/** The templates of the site file, by key. */
export type Catalogue = SiteSpec["templates"];

/** Keys of the catalogue that mean a template, by its VMID, its name or one of its tags. */
export function keysOf(
  { vmId, name, tags }: Pick<ClusterTemplate, "vmId" | "name" | "tags">,
  catalogue: Catalogue,
): string[] {
  return Object.entries(catalogue).flatMap(([key, entry]) => {
    const isMeant =
      entry.vmId === vmId || entry.name === name || (entry.tag !== undefined && tags.includes(entry.tag));
    return isMeant ? [key] : [];
  });
}
