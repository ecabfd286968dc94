import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { editorSchema } from "./schema/editor-schema.ts";
import { siteSpecSchema } from "./site-spec.ts";
import { vmSpecSchema } from "./vm-spec.ts";

/** The committed JSON schemas, text by file name: three for editors, and the one that merged specs are checked with. */
export function schemaFiles(): Readonly<Record<string, string>> {
  return {
    "vm-spec.schema.json": schemaText(
      "A machine: vm-specs/<stack>/<name>.json",
      editorSchema(plain(vmSpecSchema), ["vmId"]),
    ),
    "vm-defaults.schema.json": schemaText(
      "Defaults of machines: _defaults.json",
      editorSchema(plain(vmSpecSchema), []),
    ),
    "merged-vm-spec.schema.json": schemaText(
      "A machine with its defaults files merged in",
      plain(vmSpecSchema),
    ),
    "site.schema.json": schemaText("The site: vm-specs/_site.json", plain(siteSpecSchema)),
  };
}

function plain(schema: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema));
}

function schemaText(title: string, schema: object): string {
  const head = { $schema: "https://json-schema.org/draft/2020-12/schema", title };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(schemaFiles()))
    writeFileSync(join(import.meta.dirname, name), text);
}
