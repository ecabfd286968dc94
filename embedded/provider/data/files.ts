import { createStorageContent, type ListedFile } from "../api/storage-content.ts";
import { failingAs } from "../failing-as.ts";
import { ProviderFailure } from "../failure.ts";
import { atLeastBytes, oneOf, readable } from "../framework/attribute-checks.ts";
import type { AttributeRules } from "../framework/attribute-rules.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { ValueObject } from "../wire/value.ts";
import { frameworkDataSource } from "./framework-data-source.ts";

const contents = ["backup", "images", "import", "iso", "rootdir", "snippets", "vztmpl"];
const someText = { checks: [atLeastBytes(1)] };

const rules: AttributeRules = {
  node_name: someText,
  datastore_id: someText,
  content_type: { checks: [oneOf(...contents)] },
};

/** proxmox_file: one file of a datastore, found by its name. */
export function fileDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(
    schema,
    "Unable to Read Files",
    async (config, session) => {
      const [name, content] = [String(config["file_name"]), String(config["content_type"])];
      const found = (await listFiles(config, content, "", session)).find(
        ({ volid }) => nameOf(volid) === name,
      );
      if (found !== undefined) {
        const { id, file_size, file_format, vmid } = fileValues(found);
        return {
          id: id ?? null,
          file_size: file_size ?? null,
          file_format: file_format ?? null,
          vmid: vmid ?? null,
        };
      }
      const where = `datastore '${String(config["datastore_id"])}' on node '${String(config["node_name"])}'`;
      const detail = `File '${name}' with content type '${content}' not found in ${where}`;
      throw new ProviderFailure([{ severity: "ERROR", summary: "File Not Found", detail }]);
    },
    { ...rules, file_name: someText },
  );
}

/** proxmox_files: the files of a datastore, filtered by kind and name. */
export function filesDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(
    schema,
    "Unable to Read Files",
    async (config, session) => {
      const content = config["content_type"] ?? null;
      const files = await listFiles(config, content === null ? undefined : String(content), "'", session);
      const pattern = new RegExp(String(config["file_name_regex"] ?? ""));
      return {
        files: files.filter(({ volid }) => pattern.test(nameOf(volid) ?? "")).map(fileValues),
      };
    },
    {
      ...rules,
      file_name_regex: { checks: [readable(isPattern, "must be a valid regular expression")] },
    },
  );
}

function listFiles(
  config: ValueObject,
  content: string | undefined,
  quote: "" | "'",
  { api, lifetime }: ProviderSession,
): Promise<readonly ListedFile[]> {
  const [node, datastore] = [String(config["node_name"]), String(config["datastore_id"])];
  const quoted = (name: string): string => `${quote}${name}${quote}`;
  const what = `Unable to list files from datastore ${quoted(datastore)} on node ${quoted(node)}`;
  return failingAs("Unable to Read Files", async () => {
    try {
      return await createStorageContent(api, node, datastore).list(content, lifetime);
    } catch (error) {
      throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  });
}

function fileValues({ volid, content, format, size, vmid }: ListedFile): ValueObject {
  return {
    id: volid,
    content_type: content,
    file_name: nameOf(volid) ?? "",
    file_format: format ?? "",
    file_size: size,
    vmid: vmid ?? null,
  };
}

function nameOf(volumeId: string): string | undefined {
  return /^[^:]*:[^/]*\/(.*)$/s.exec(volumeId)?.[1];
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
