import { basename, extname } from "node:path";
import type { Section } from "../../legacy/section.ts";

/** Whether the source is a file on the web. */
export function isUrlSource(values: Section): boolean {
  return /^https?:\/\//.test(values.block("source_file")?.text("path") ?? "");
}

/** The name that the file gets in the datastore; throws when the configuration names no source. */
export function sourceName(values: Section): string {
  const [file, raw] = [values.block("source_file"), values.block("source_raw")];
  if (file === undefined && raw === undefined) throw new Error('missing argument "source_file.path"');
  const given = (file ?? raw)?.text("file_name") ?? "";
  if (given !== "") return given;
  const path = file?.text("path") ?? "";
  if (!isUrlSource(values)) return basename(path) || ".";
  const name = decodeURIComponent(new URL(path).pathname).split("/").at(-1) ?? "";
  if (name === "") throw new Error(`failed to determine file name from the URL "${path}"`);
  return name;
}

const kinds: readonly { readonly suffixes: readonly string[]; readonly content: string }[] = [
  { suffixes: [".tar.gz", ".tar.xz"], content: "vztmpl" },
  { suffixes: [".qcow2", ".raw", ".vmdk"], content: "import" },
];

const kindsByExtension: Readonly<Record<string, string>> = {
  ".img": "iso",
  ".iso": "iso",
  ".yaml": "snippets",
  ".yml": "snippets",
};

/** The kind of content: the configured one, else what the source's name says; throws when it says nothing. */
export function sourceContent(values: Section): string {
  const [file, raw] = [values.block("source_file"), values.block("source_raw")];
  if (file === undefined && raw === undefined) {
    throw new Error('missing argument "source_file.path" or "source_raw"');
  }
  const configured = values.text("content_type");
  if (configured !== "") return configured;
  const path = file?.text("path") ?? raw?.text("file_name") ?? "";
  const content =
    kinds.find(({ suffixes }) => suffixes.some((suffix) => path.endsWith(suffix)))?.content ??
    kindsByExtension[extname(path).toLowerCase()];
  if (content !== undefined) return content;
  throw new Error(
    `cannot determine the content type of source "${path}" - Please manually define the "content_type" argument`,
  );
}
