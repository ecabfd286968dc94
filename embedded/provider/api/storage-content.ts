import type { ApiClient } from "./api-client.ts";
import { ApiError, inContext } from "./api-error.ts";
import type { Deadline } from "./deadline.ts";
import { expectData, noData } from "./expect-data.ts";
import { retry } from "./retry.ts";
import { escapeSegment, waitForTask } from "./tasks.ts";
import type { StreamedBody } from "./transport.ts";

/** A file in a datastore as the server lists it. */
export interface ListedFile {
  readonly volid: string;
  readonly content: string;
  readonly size: number;
  readonly format?: string;
  readonly vmid?: number;
}

/** What the server finds out about a URL. */
export interface UrlMetadata {
  readonly filename?: string;
  readonly size?: number;
  readonly mimetype?: string;
}

/** The calls about the files of one datastore on one node. Failures have the real provider's texts. */
export interface StorageContent {
  /** All files, sorted by id, or those of one kind of content. */
  readonly list: (content: string | undefined, deadline: Deadline) => Promise<readonly ListedFile[]>;
  readonly remove: (volumeId: string, deadline: Deadline) => Promise<void>;
  readonly download: (parameters: Readonly<Record<string, string>>, deadline: Deadline) => Promise<void>;
  readonly upload: (body: StreamedBody, deadline: Deadline) => Promise<void>;
}

// Ten attempts in some fifty seconds, as the real provider's library has it.
const patient = {
  attempts: 10,
  basePauseMs: 100,
  lastErrorOnly: true,
  retryIf: (error: Error): boolean =>
    !(error instanceof ApiError) || (error.status !== 403 && !error.isNotFound),
};

/** The calls about a datastore's files. Public source: bpg/proxmox 0.111.1, proxmox/nodes/storage. */
export function createStorageContent(api: ApiClient, node: string, storage: string): StorageContent {
  const base = `nodes/${encodeURIComponent(node)}/storage/${encodeURIComponent(storage)}`;
  return {
    list: async (content, deadline) => {
      const data = await inContext(`error listing files from datastore ${storage}`, () =>
        retry(patient, deadline, () =>
          api.request("GET", `${base}/content`, deadline, content === undefined ? {} : { content }),
        ),
      );
      return (expectData(data) as readonly ListedFile[]).toSorted((one, other) =>
        one.volid < other.volid ? -1 : 1,
      );
    },
    remove: async (volumeId, deadline) => {
      await inContext(`error deleting file ${volumeId} from datastore ${storage}`, () =>
        retry(patient, deadline, () =>
          api.request("DELETE", `${base}/content/${escapeSegment(volumeId)}`, deadline),
        ),
      );
    },
    download: (parameters, deadline) => download(api, `${base}/download-url`, storage, parameters, deadline),
    upload: async (body, deadline) => {
      const what = `error uploading file to datastore ${storage}`;
      const upid = await inContext(what, () => api.upload(`${base}/upload`, deadline, body));
      if (typeof upid !== "string") throw new Error(`${what}: no uploadID`);
      const { error } = await waitForTask(api, upid, deadline);
      if (error !== undefined) throw new Error(`${what}: failed waiting for upload - ${error.message}`);
    },
  };
}

/** What the server's node finds out about a URL by asking it. */
export async function queryUrlMetadata(
  api: ApiClient,
  node: string,
  url: string,
  isVerified: boolean,
  deadline: Deadline,
): Promise<UrlMetadata> {
  const parameters = { url, "verify-certificates": String(Number(isVerified)) };
  const data = await inContext(`error retrieving URL metadata for ${JSON.stringify(url)}`, () =>
    api.request("GET", `nodes/${encodeURIComponent(node)}/query-url-metadata`, deadline, parameters),
  );
  return expectData(data) as UrlMetadata;
}

async function download(
  api: ApiClient,
  path: string,
  storage: string,
  parameters: Readonly<Record<string, string>>,
  deadline: Deadline,
): Promise<void> {
  const upid = await inContext("error download file by URL", () =>
    api.request("POST", path, deadline, parameters),
  );
  if (typeof upid !== "string") throw new Error(noData);
  const { error } = await waitForTask(api, upid, deadline);
  if (error === undefined) return;
  const message = `error download file to datastore ${storage}: failed waiting for url download: ${error.message}`;
  throw new Error(message + (await dropTask(api, upid, deadline)));
}

/** Removes a failed task, so that nothing of it goes on; gives the text of a failure to do so. */
async function dropTask(api: ApiClient, upid: string, deadline: Deadline): Promise<string> {
  const node = upid.split(":")[1] ?? "";
  try {
    await api.request("DELETE", `nodes/${encodeURIComponent(node)}/tasks/${escapeSegment(upid)}`, deadline);
    return "";
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return "";
    return ` \n error deleting task: ${error instanceof Error ? error.message : String(error)}`;
  }
}
