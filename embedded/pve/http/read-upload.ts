import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import { createFileInspector, type FileContent } from "../state/file-content.ts";
import { refusal } from "./api-error.ts";

/** A body of `multipart/form-data`: its fields, and what came as its file. */
export interface Upload {
  /** The fields, and the file's own name as `filename`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** undefined when no part was a file. */
  readonly file: FileContent | undefined;
}

/** An upload has four fields at most, all of them short, and one file. */
const limits = { fields: 10, fieldSize: 4096, files: 1, parts: 12, headerPairs: 20 };

/** True for a request whose body `readUpload` reads. */
export function isUpload(request: IncomingMessage): boolean {
  return request.headers["content-type"]?.startsWith("multipart/form-data") === true;
}

/**
 * Reads an upload as it comes in. The file is looked at and dropped, so its size does not matter.
 *
 * @throws ApiError 400 for a body that is cut off or no form.
 */
export async function readUpload(request: IncomingMessage): Promise<Upload> {
  const parameters: Record<string, string> = {};
  const inspector = createFileInspector();
  let fileName: string | undefined;
  try {
    const parser = new Busboy({ headers: request.headers as BusboyHeaders, limits });
    parser.on("field", (name, value) => {
      parameters[name] = value;
    });
    parser.on("file", (_field, stream, name) => {
      fileName = name;
      stream.on("data", (chunk: Buffer) => inspector.add(chunk));
    });
    await pipeline(request, parser);
  } catch (error) {
    throw refusal(400, `bad upload: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (fileName === undefined) return { parameters, file: undefined };
  return { parameters: { ...parameters, filename: fileName }, file: inspector.result() };
}
