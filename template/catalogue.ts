import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { applyEdits, modify } from "jsonc-parser";
import { NixherdError } from "../lib/errors.ts";
import { siteFile } from "../specs/list-spec-files.ts";
import type { ClusterTemplate } from "./cluster-template.ts";
import type { TemplateMarker } from "./template-marker.ts";

/** What the catalogue says about a template, as it stands in the site file. */
export interface CatalogueEntry {
  readonly vmId: number;
  readonly node: string;
  readonly version: string;
  readonly release?: string;
  readonly nixpkgsRevision?: string;
  readonly created: string;
  readonly rootDisk: { readonly slot: string; readonly sizeGiB: number };
  readonly cloudInit: { readonly slot: string };
  readonly firmware: "seabios" | "ovmf";
  readonly efiType?: "2m" | "4m";
}

/**
 * The entry of a finished template: its drives and firmware as they are on the cluster, its origin as it says itself.
 * @throws TEMPLATE_NOT_VERIFIED for one that specs could not use: no template, no disk, no cloud-init drive
 */
export function catalogueEntry(
  template: ClusterTemplate,
  origin: TemplateMarker,
  now: Date = new Date(),
): CatalogueEntry {
  const { vmId, node, name, firmware, efiType, rootDisk, cloudInit, isTemplate } = template;
  if (!isTemplate) throw unusable(template, "it is no template");
  if (rootDisk === undefined) throw unusable(template, "it has no disk");
  if (cloudInit === undefined) throw unusable(template, "it has no cloud-init drive");
  const { release, nixpkgsRevision, created = now.toISOString() } = origin;
  return {
    vmId,
    node,
    version: name,
    ...(release === undefined ? {} : { release }),
    ...(nixpkgsRevision === undefined ? {} : { nixpkgsRevision }),
    created,
    rootDisk,
    // Not its datastore: a machine's drive may lie elsewhere, and by default lies beside its root disk.
    cloudInit: { slot: cloudInit.slot },
    firmware,
    ...(efiType === undefined || firmware !== "ovmf" ? {} : { efiType }),
  };
}

function unusable({ name, vmId }: ClusterTemplate, reason: string): NixherdError {
  return new NixherdError("TEMPLATE_NOT_VERIFIED", {
    message: `${name} (${vmId}) cannot go into the catalogue: ${reason}.`,
    hint: "Look at its configuration on the cluster, or build it again.",
  });
}

/** What the last entry of that key keeps: how the site likes its cloud-init drives. */
interface FormerEntry {
  readonly cloudInit?: { readonly datastore?: string };
}

/** Writes an entry into vm-specs/_site.json, in place of the one of that key; the rest of the file stays as it is. */
export async function writeCatalogueEntry(root: string, key: string, entry: CatalogueEntry): Promise<void> {
  const file = join(root, siteFile);
  const text = await readFile(file, "utf8");
  const site = JSON.parse(text) as { readonly templates?: Readonly<Record<string, FormerEntry>> };
  const datastore = site.templates?.[key]?.cloudInit?.datastore;
  const cloudInit = { ...entry.cloudInit, ...(datastore === undefined ? {} : { datastore }) };
  const edits = modify(
    text,
    ["templates", key],
    { ...entry, cloudInit },
    {
      formattingOptions: { insertSpaces: true, tabSize: 2 },
    },
  );
  // Replaced at once: nobody ever reads half of it.
  await writeFile(`${file}.new`, applyEdits(text, edits));
  await rename(`${file}.new`, file);
}
