import { NixherdError } from "../../lib/errors.ts";
import { openClusterChanges } from "../../proxmox/cluster-changes.ts";
import { siteFile } from "../../specs/list-spec-files.ts";
import { readFleet } from "../../specs/read-fleet.ts";
import { readSite } from "../../specs/read-site.ts";
import type { SiteSpec, TemplateBuild } from "../../specs/site-spec.ts";
import type { MakeContext } from "../../template/make-context.ts";
import type { PipelineContext } from "./context.ts";
import { requireAccess } from "./require-access.ts";

/** What every command about templates works with. */
export type TemplateSite = Omit<MakeContext, "build"> & { readonly site: SiteSpec };

/**
 * Reads the site, opens the cluster for changes, and closes it after the work.
 * @throws INVALID_INPUT, WRONG_TOKEN, ENDPOINT_INVALID, TLS_NOT_TRUSTED
 */
export async function withTemplateSite(
  { root, interrupt, report }: PipelineContext,
  work: (site: TemplateSite) => Promise<number>,
): Promise<number> {
  const say = (text: string): void => report({ event: "note", text });
  const { site, problems } = readSite(root, siteFile);
  if (problems.length > 0)
    throw invalidSite(problems.map(({ pointer, message }) => `${pointer}: ${message}`));
  const access = requireAccess(site);
  const changes = openClusterChanges(access);
  const reserved = reservedVmIds(root, say);
  try {
    return await work({ root, site, catalogue: site.templates, reserved, access, changes, interrupt, say });
  } finally {
    await changes.close();
  }
}

/**
 * What templates are built with, according to the site file.
 * @throws USAGE when it says nothing about it
 */
export function templateBuildOf({ templateBuild }: SiteSpec): TemplateBuild {
  if (templateBuild !== undefined) return templateBuild;
  throw new NixherdError("USAGE", {
    message: "vm-specs/_site.json has no templateBuild, so nobody knows where a template is to be made.",
    hint: "docs/template.md shows one.",
  });
}

/** The machines of the specs may not be there yet: nothing else takes their VMIDs. */
function reservedVmIds(root: string, say: (text: string) => void): ReadonlySet<number> {
  const result = readFleet(root);
  if (!result.ok) {
    say("The specs have problems (nixherd validate shows them), so their VMIDs are not kept free.");
    return new Set();
  }
  return new Set(result.fleet.stacks.flatMap(({ machines }) => machines.map(({ spec }) => spec.vmId)));
}

function invalidSite(lines: readonly string[]): NixherdError {
  return new NixherdError("INVALID_INPUT", {
    message: [`${siteFile} has problems:`, ...lines].join("\n"),
    hint: "Correct them first.",
  });
}
