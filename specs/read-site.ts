import type { Problem } from "../lib/problem.ts";
import { fillDefaults } from "./fill-defaults.ts";
import type { JsonObject } from "./json.ts";
import { readDocument } from "./read-document.ts";
import { schemaCheck } from "./schema-check.ts";
import siteSpecSchema from "./site.schema.json" with { type: "json" };
import type { SiteSpec } from "./site-spec.ts";

interface SiteResult {
  /** The built-in defaults alone if the file has problems. */
  readonly site: SiteSpec;
  readonly isReadable: boolean;
  readonly problems: readonly Problem[];
}

const checkSite = schemaCheck(siteSpecSchema);

/** Reads the site file; undefined stands for one that is not there. */
export function readSite(root: string, file: string | undefined): SiteResult {
  if (file === undefined) return unreadable([]);
  const document = readDocument(root, file);
  if ("problems" in document) return unreadable(document.problems);
  const { value } = document.layer;
  const findings = checkSite(value);
  if (findings.length === 0) return { site: fillSite(value), isReadable: true, problems: [] };
  return unreadable(
    findings.map(({ pointer, message }) => ({ file, pointer, rule: "schema", severity: "error", message })),
  );
}

function unreadable(problems: readonly Problem[]): SiteResult {
  return { site: fillSite({}), isReadable: false, problems };
}

/** Fills the built-in defaults into a site that fits the schema. */
export function fillSite(value: JsonObject): SiteSpec {
  const { $schema: _, ...site } = fillDefaults(siteSpecSchema, value) as JsonObject;
  return site as unknown as SiteSpec;
}
