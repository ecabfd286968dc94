import { ProviderFailure } from "../../failure.ts";
import type { ValueObject } from "../../wire/value.ts";

/** Reads "pve1/local:iso/some.iso". */
export function parseDownloadId(text: string): ValueObject {
  const match = /^([^/]+)\/(([^:]+):([^/]+)\/(.+))$/s.exec(text);
  if (match === null) {
    const format = "node_name/datastore_id:content_type/file_name";
    const detail = `Expected import identifier with format: ${format}. Got: ${JSON.stringify(text)}`;
    throw new ProviderFailure([{ severity: "ERROR", summary: "Unexpected Import Identifier", detail }]);
  }
  const [, node = "", id = "", datastore = "", content = "", name = ""] = match;
  return { node_name: node, datastore_id: datastore, content_type: content, file_name: name, id };
}
