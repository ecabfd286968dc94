import { join } from "node:path";
import type { Problem } from "../lib/problem.ts";
import type { Layer } from "./layers.ts";
import { parseJson } from "./parse-json.ts";
import { readText } from "./read-text.ts";

/** A file of JSON: its object, or every reason why it cannot be read. */
export type Document = { readonly layer: Layer } | { readonly problems: readonly Problem[] };

/** Reads one file of vm-specs/; the path is relative to the root. */
export function readDocument(root: string, file: string): Document {
  const content = readText(join(root, file));
  if ("problem" in content) {
    return { problems: [{ file, pointer: "", rule: "files", severity: "error", message: content.problem }] };
  }
  const parsed = parseJson(file, content.text);
  return "problems" in parsed ? parsed : { layer: { file, value: parsed.value } };
}
