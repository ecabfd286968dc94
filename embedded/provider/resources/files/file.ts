import { ApiError } from "../../api/api-error.ts";
import { type Deadline, deadlineInSeconds } from "../../api/deadline.ts";
import { retry } from "../../api/retry.ts";
import { createStorageContent, type ListedFile, type StorageContent } from "../../api/storage-content.ts";
import type { Behaviours } from "../../legacy/field.ts";
import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import type { ResourceData } from "../../legacy/resource-data.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { Diagnostic } from "../../wire/diagnostic.ts";
import { oneOf } from "../vm/checks.ts";
import { withLocalSource } from "./fetch-source.ts";
import { fileMode } from "./file-mode.ts";
import { sourceContent, sourceName } from "./file-source.ts";
import { refuseNodeUpload } from "./refuse-node-upload.ts";
import { sourceFacts } from "./source-facts.ts";
import { uploadBody } from "./upload-body.ts";

const replaces = { replaces: true };

const behaviours: Behaviours = {
  content_type: { ...replaces, check: oneOf("backup", "iso", "snippets", "vztmpl", "import") },
  datastore_id: replaces,
  file_mode: { ...replaces, check: fileMode },
  file_modification_date: replaces,
  file_tag: replaces,
  node_name: replaces,
  source_file: replaces,
  "source_file.path": replaces,
  "source_file.changed": { ...replaces, default: false },
  "source_file.checksum": { ...replaces, default: "" },
  "source_file.file_name": { ...replaces, default: "" },
  "source_file.insecure": { ...replaces, default: false },
  "source_file.min_tls": { ...replaces, default: "" },
  source_raw: replaces,
  "source_raw.data": replaces,
  "source_raw.file_name": replaces,
  "source_raw.resize": { ...replaces, default: 0 },
  timeout_upload: { default: 1800 },
  upload_mode: { default: "stream", check: oneOf("sftp", "stream") },
  overwrite: { default: true },
};

/** proxmox_virtual_environment_file: a file from here in a datastore; snippets and backups need SSH, which is refused. */
export function fileResource(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours,
    create: createFile,
    read: readFile,
    // Whatever would change the file replaces it; the rest is for the state only.
    update: async () => undefined,
    remove: async (data, session) => {
      try {
        await contentOf(data, session).remove(data.id, session.lifetime);
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isNotFound) throw error;
      }
    },
    parseImportId: (text) => {
      const match = /^([^/]+)\/(.+)$/s.exec(text);
      if (match === null) {
        const expected = "node/datastore_id:content_type/file_name";
        throw new Error(`unexpected format of ID (${text}), expected ${expected}`);
      }
      const [, node = "", id = ""] = match;
      const { datastore, content } = parseVolumeId(id);
      return { id, node_name: node, datastore_id: datastore, content_type: content };
    },
  });
}

const createFile: Operation = async (data, session, warn) => {
  const { now } = data;
  const deadline = deadlineInSeconds(now.number("timeout_upload"), session.lifetime);
  const name = sourceName(now);
  // The real provider forgets its warnings when all goes well.
  const warnings: Diagnostic[] = [];
  try {
    await uploadFile(data, name, session, deadline, (warning) => warnings.push(warning));
  } catch (error) {
    for (const warning of warnings) warn(warning);
    throw error;
  }
  const id = `${now.text("datastore_id")}:${await askContent(data, session)}/${name}`;
  data.id = id;
  const again = { attempts: 5, basePauseMs: 200, retryIf: () => data.id === "", lastErrorOnly: true };
  await retry(again, deadline, async () => {
    data.id = id;
    await readFile(data, session, warn);
    if (data.id === "") throw new Error(`failed to read file from "${id}"`);
  });
};

async function uploadFile(
  data: ResourceData,
  name: string,
  session: ProviderSession,
  deadline: Deadline,
  warn: (diagnostic: Diagnostic) => void,
): Promise<void> {
  const { now } = data;
  const storage = contentOf(data, session);
  const content = await askContent(data, session).catch(async (error: unknown) => {
    // The datastore is listed even when the kind of content is not known.
    checkExisting(data, await storage.list(undefined, deadline), name, warn);
    throw error;
  });
  checkExisting(data, await storage.list(content, deadline), name, warn);
  if (now.block("source_file") !== undefined && now.block("source_raw") !== undefined) {
    throw new Error('please specify "source_file.path" or "source_raw" - not both');
  }
  await withLocalSource(now, async (path) => {
    if (!["iso", "vztmpl", "import"].includes(content)) {
      await refuseNodeUpload(now.text("node_name"), now.text("datastore_id"), content, session, warn);
    }
    await storage.upload(await uploadBody(path, content, name), deadline);
  });
}

// The real provider asks for the version each time: old servers do not know every kind of content.
async function askContent({ now }: ResourceData, { api, lifetime }: ProviderSession): Promise<string> {
  await api.request("GET", "version", lifetime);
  return sourceContent(now);
}

function checkExisting(
  { now }: ResourceData,
  files: readonly ListedFile[],
  name: string,
  warn: (diagnostic: Diagnostic) => void,
): void {
  const there = files.find(({ volid }) => volid.slice(volid.indexOf("/") + 1) === name);
  if (there === undefined) return;
  if (!now.flag("overwrite")) throw new Error(`file "${there.volid}" already exists`);
  const summary = `the existing file "${there.volid}" has been overwritten by the resource`;
  warn({ severity: "WARNING", summary });
}

const readFile: Operation = async (data, session) => {
  const content = data.now.text("content_type");
  const files = await contentOf(data, session).list(content === "" ? undefined : content, session.lifetime);
  const found = files.find(({ volid }) => volid === data.id);
  if (found === undefined) {
    data.id = "";
    return;
  }
  data.set("file_name", parseVolumeId(found.volid).name);
  data.set("content_type", found.content);
  if (data.now.block("source_file") !== undefined) await readSource(data);
};

// A file that is still there never counts as changed: its facts are written to the state before they are compared.
async function readSource(data: ResourceData): Promise<void> {
  const facts = await sourceFacts(data.now);
  const isThere = facts.modified !== "" || facts.sizeBytes !== 0 || facts.tag !== "";
  if (isThere) {
    data.set("file_modification_date", facts.modified);
    data.set("file_size", facts.sizeBytes);
    data.set("file_tag", facts.tag);
  }
  const { now } = data;
  const wasThere =
    now.text("file_modification_date") !== "" && now.number("file_size") !== 0 && now.text("file_tag") !== "";
  const block = now.block("source_file");
  const keys = ["checksum", "file_name", "insecure", "min_tls", "path"];
  const kept = keys.map((key) => [key, block?.raw(key) ?? null] as const);
  data.set("source_file", [{ ...Object.fromEntries(kept), changed: wasThere && !isThere }]);
}

function parseVolumeId(id: string): { datastore: string; content: string; name: string } {
  const match = /^([^:]+):([^/]+)\/(.+)$/s.exec(id);
  if (match === null) {
    throw new Error(`unexpected format of ID (${id}), expected datastore_id:content_type/file_name`);
  }
  const [, datastore = "", content = "", name = ""] = match;
  return { datastore, content, name };
}

function contentOf({ now }: ResourceData, { api }: ProviderSession): StorageContent {
  return createStorageContent(api, now.text("node_name"), now.text("datastore_id"));
}
