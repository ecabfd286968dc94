import { stat } from "node:fs/promises";
import type { Section } from "../../legacy/section.ts";
import { requestUrl } from "./fetch-source.ts";
import { isUrlSource } from "./file-source.ts";

/** What tells one content of a source file from another. */
export interface SourceFacts {
  /** RFC 3339 in UTC, without fractions. */
  readonly modified: string;
  readonly sizeBytes: number;
  readonly tag: string;
}

/** Looks at a source file; one that is not there has empty facts. */
export async function sourceFacts(values: Section): Promise<SourceFacts> {
  const path = values.block("source_file")?.text("path") ?? "";
  return isUrlSource(values) ? urlFacts(path) : fileFacts(path);
}

async function fileFacts(path: string): Promise<SourceFacts> {
  try {
    const { mtimeMs, size } = await stat(path);
    const seconds = Math.floor(mtimeMs / 1000);
    return {
      modified: rfc3339(seconds * 1000),
      sizeBytes: size,
      tag: `${seconds.toString(16)}-${size.toString(16)}`,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { modified: "", sizeBytes: 0, tag: "" };
    throw new Error(`failed to open the file: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function urlFacts(url: string): Promise<SourceFacts> {
  const { headers } = await requestUrl("HEAD", url, { isInsecure: false, minTls: "1.2" });
  const modified = headers.get("last-modified");
  return {
    modified: modified === null ? "" : rfc3339(Date.parse(modified)),
    sizeBytes: Number(headers.get("content-length") ?? -1),
    tag: headers.get("etag")?.split('"')[1] ?? "",
  };
}

function rfc3339(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, "Z");
}
