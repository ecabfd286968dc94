import { createHash } from "node:crypto";
import { constants, createReadStream, createWriteStream } from "node:fs";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Agent, fetch } from "undici";
import { tlsVersions } from "../../api/connection.ts";
import type { Section } from "../../legacy/section.ts";
import { isUrlSource } from "./file-source.ts";

/** Runs a step with the source as a local file, which is removed afterwards if it was made for this. */
export async function withLocalSource<Result>(
  values: Section,
  step: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "nixherd-file-"));
  try {
    return await step(await localPath(values, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function localPath(values: Section, folder: string): Promise<string> {
  const [file, raw] = [values.block("source_file"), values.block("source_raw")];
  if (file === undefined) {
    const path = join(folder, "raw");
    await writeFile(path, resized(raw?.text("data") ?? "", raw?.number("resize") ?? 0));
    return path;
  }
  const path = isUrlSource(values) ? await downloaded(file, join(folder, "download")) : file.text("path");
  const expected = file.text("checksum");
  await expectReadable(path);
  if (expected !== "") await expectChecksum(path, expected);
  return path;
}

function resized(data: string, bytes: number): string {
  const length = Buffer.byteLength(data);
  if (bytes > 0 && length > bytes) throw new Error(`cannot resize ${length} bytes to ${bytes} bytes`);
  return bytes > 0 ? data.padEnd(data.length + Math.max(bytes - [...data].length, 0)) : data;
}

async function downloaded(file: Section, path: string): Promise<string> {
  const response = await requestUrl("GET", file.text("path"), {
    isInsecure: file.flag("insecure"),
    minTls: file.text("min_tls"),
  });
  if (response.body === null) throw new Error(`no content at ${file.text("path")}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(path));
  return path;
}

async function expectReadable(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new Error(`open ${path}: ${goWords[code] ?? code}`, { cause: error });
  }
}

const goWords: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
};

async function expectChecksum(path: string, expected: string): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const actual = hash.digest("hex");
  if (actual === expected) return;
  throw new Error(`the calculated SHA256 checksum "${actual}" does not match source checksum "${expected}"`);
}

/** Makes a request to a file's URL; redirections are followed. */
export function requestUrl(
  method: "GET" | "HEAD",
  url: string,
  { isInsecure, minTls }: { readonly isInsecure: boolean; readonly minTls: string },
): ReturnType<typeof fetch> {
  const minVersion = tlsVersions[minTls.trim()];
  if (minVersion === undefined) {
    throw new Error(`unsupported minimal TLS version ${minTls}, must be one of: , 1.0, 1.1, 1.2, 1.3`);
  }
  const dispatcher = new Agent({ connect: { rejectUnauthorized: !isInsecure, minVersion } });
  return fetch(url, { method, dispatcher });
}
