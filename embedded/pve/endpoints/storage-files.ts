import { randomBytes } from "node:crypto";
import { type FileTarget, type Refusals, targetOf } from "../files/content-kind.ts";
import { downloadUrl, queryUrl, type UrlMetadata } from "../files/fetch-url.ts";
import { type Checksum, checksumProblem, fits, storeFile } from "../files/store-file.ts";
import { badParameters, failure } from "../http/api-error.ts";
import type { FileContent } from "../state/file-content.ts";
import { startTask, type TaskContext } from "../state/task.ts";
import { findVolume, volumePath } from "../state/volume.ts";
import { checkNodeExists } from "./check-existing.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";
import { storageOf } from "./storage.ts";

function checksumOf(call: Call): Checksum | undefined {
  const digest = optionalText(call, "checksum");
  return digest === undefined ? undefined : { digest, algorithm: text(call, "checksum-algorithm") };
}

function fileTarget(call: Call, refusals: Refusals): FileTarget {
  const place = { storage: storageOf(call), node: text(call, "node") };
  return targetOf(place, text(call, "content"), text(call, "filename"), refusals);
}

const uploadRefusals: Refusals = {
  noFiles: ({ style }) => `can't upload to storage type '${style}'`,
  noSuchContent: ({ name }, content) => `storage '${name}' does not support '${content}' content`,
};

const downloadRefusals: Refusals = {
  noFiles: ({ style }) => `can't upload to storage type '${style}', not a file based storage!`,
  noSuchContent: ({ name }, content) => `storage '${name}' is not configured for content-type '${content}'`,
};

/** Logs a check of a checksum, where one was sent; a wrong one ends the task. */
function verify({ log }: TaskContext, { digests }: FileContent, checksum: Checksum | undefined): void {
  if (checksum === undefined) return;
  const problem = checksumProblem(digests, checksum);
  log(`calculating checksum...${problem === undefined ? "OK, checksum verified" : ""}`);
  if (problem !== undefined) throw failure(problem);
}

/** A file of the same name is replaced without a word, as on the real server. */
function upload(call: Call): string {
  const { cluster, caller, file } = call;
  const node = text(call, "node");
  checkNodeExists(call, node);
  const target = fileTarget(call, uploadRefusals);
  if (file === undefined) throw failure("missing temporary file name");
  const path = volumePath(target.storage, target.volid);
  const temporary = `/var/tmp/pveupload-${randomBytes(16).toString("hex")}`;
  return startTask(cluster, { node, type: "imgcopy", id: "", caller }, (context) => {
    context.log(`starting file import from: ${temporary}`);
    verify(context, file, checksumOf(call));
    context.log(`target node: ${node}`);
    context.log(`target file: ${path}`);
    context.log(`file size is: ${file.sizeBytes}`);
    context.log(`command: cp -- ${temporary} ${path}`);
    if (!fits(cluster, target, file.sizeBytes))
      throw failure(`import failed: cp: error writing '${path}': No space left on device`);
    storeFile(cluster, target, file);
    context.log("finished file import successfully");
  });
}

function verifiesCertificates({ parameters }: Call): boolean {
  return parameters["verify-certificates"] !== 0;
}

async function download(call: Call, target: FileTarget, context: TaskContext): Promise<void> {
  const { cluster } = call;
  const url = text(call, "url");
  const path = volumePath(target.storage, target.volid);
  context.log(`downloading ${url} to ${path}`);
  const checksum = checksumOf(call);
  const existing = findVolume(cluster, target.node, target.volid);
  if (existing !== undefined) {
    if (checksum === undefined) throw failure(`refusing to override existing file '${path}'`);
    return useExisting(context, existing.digests ?? {}, checksum);
  }
  const file = await downloadUrl(url, verifiesCertificates(call), context.signal);
  if (!fits(cluster, target, file.sizeBytes))
    throw failure(`download failed: Cannot write to '${path}' (No space left on device).`);
  verify(context, file, checksum);
  storeFile(cluster, target, file);
  context.log(`download of '${url}' to '${path}' finished`);
}

function useExisting(
  { log }: TaskContext,
  digests: Readonly<Record<string, string>>,
  checksum: Checksum,
): void {
  const problem = checksumProblem(digests, checksum);
  const outcome = problem === undefined ? "OK, got correct file already, no need to download" : "";
  log(`calculating checksum of existing file...${outcome}`);
  if (problem !== undefined) throw failure(`${problem}, aborting`);
}

function downloadEndpoint(call: Call): string {
  const { cluster, caller } = call;
  const target = fileTarget(call, downloadRefusals);
  if (optionalText(call, "compression") !== undefined)
    throw badParameters({ compression: `decompression not supported for ${target.content}` });
  const [name = ""] = target.volid.split("/").slice(-1);
  const task = { node: target.node, type: "download", id: encodeURIComponent(name), caller };
  return startTask(cluster, task, (context) => download(call, target, context));
}

function queryUrlMetadata(call: Call): Promise<UrlMetadata> {
  return queryUrl(text(call, "url"), verifiesCertificates(call));
}

export const storageFileEndpoints: EndpointTable = {
  "POST /nodes/{node}/storage/{storage}/upload": upload,
  "POST /nodes/{node}/storage/{storage}/download-url": downloadEndpoint,
  "GET /nodes/{node}/query-url-metadata": queryUrlMetadata,
};
