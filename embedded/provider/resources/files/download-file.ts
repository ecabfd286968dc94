import { inContext } from "../../api/api-error.ts";
import { type Deadline, deadlineInSeconds } from "../../api/deadline.ts";
import { retry } from "../../api/retry.ts";
import { createStorageContent, queryUrlMetadata, type StorageContent } from "../../api/storage-content.ts";
import { ProviderFailure } from "../../failure.ts";
import { alongWith, matching, oneOf } from "../../framework/attribute-checks.ts";
import { type AttributeRules, identifying, resourceId } from "../../framework/attribute-rules.ts";
import { frameworkResource, type Tell } from "../../framework/framework-resource.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import { isUnknown, type ValueObject } from "../../wire/value.ts";
import { deleteDownload } from "./delete-download.ts";
import { parseDownloadId } from "./parse-download-id.ts";
import { rememberSizes, replaceChangedFile } from "./replace-changed-file.ts";

const rules: AttributeRules = {
  id: resourceId,
  content_type: { ...identifying, checks: [oneOf("iso", "vztmpl", "import")] },
  // In this order an unset name replaces the file at every other change, as the real provider does.
  file_name: { planned: ["replace", "keep state"] },
  datastore_id: identifying,
  node_name: identifying,
  size: { planned: ["keep state"] },
  upload_timeout: { default: 600 },
  url: {
    ...identifying,
    checks: [matching(/https?:\/\/.*/, "must match HTTP URL regex `https?://.*`")],
  },
  checksum: { ...identifying, checks: [alongWith("checksum_algorithm")] },
  decompression_algorithm: { ...identifying, checks: [oneOf("gz", "lzo", "zst", "bz2")] },
  checksum_algorithm: {
    ...identifying,
    checks: [oneOf("md5", "sha1", "sha224", "sha256", "sha384", "sha512"), alongWith("checksum")],
  },
  verify: { default: true },
  overwrite: { default: true },
  overwrite_unmanaged: { default: false },
};

/** proxmox_download_file: a file that the server fetches from a URL. */
export function downloadFile(schema: TypeSchema): ResourceType {
  return frameworkResource({
    schema,
    rules,
    revise: replaceChangedFile,
    create,
    read: async (state, session, tell, remember) => {
      try {
        const size = await readSize(state, session, session.lifetime);
        remember(await rememberSizes(state, session));
        return { ...state, size };
      } catch (error) {
        const detail = messageOf(error);
        if (detail.includes("failed to authenticate")) throw failure("Failed to authenticate", detail);
        const summary = "The file does not exist in datastore and resource must be recreated.";
        tell({ severity: "WARNING", summary, detail });
        return undefined;
      }
    },
    update: async (planned, _prior, session) => {
      try {
        return { ...planned, size: await readSize(planned, session, session.lifetime) };
      } catch (error) {
        throw failure("Error when reading file from datastore", messageOf(error));
      }
    },
    remove: deleteDownload,
    importState: async (id) => parseDownloadId(id),
  });
}

async function create(planned: ValueObject, session: ProviderSession, tell: Tell): Promise<ValueObject> {
  const deadline = deadlineInSeconds(Number(planned["upload_timeout"]), session.lifetime);
  const named = await nameFile(planned, session, deadline);
  await fetchFile(named, session, deadline);
  const id = `${text(named, "datastore_id")}:${text(named, "content_type")}/${text(named, "file_name")}`;
  const made = { ...named, id };
  try {
    const again = { attempts: 5, basePauseMs: 200, lastErrorOnly: true, retryIf: () => true };
    const size = await retry(again, deadline, () => readSize(made, session, deadline));
    return { ...made, size: size ?? null };
  } catch (error) {
    tell({
      severity: "ERROR",
      summary: "Error when reading file from datastore",
      detail: messageOf(error),
    });
    return made;
  }
}

/** Asks for the name that the URL's server gives, and thereby whether the URL can be reached. */
async function nameFile(
  planned: ValueObject,
  { api }: ProviderSession,
  deadline: Deadline,
): Promise<ValueObject> {
  try {
    const { filename } = await inContext(
      "error fetching metadata from download url, unexpected error in GetQueryURLMetadata",
      () =>
        queryUrlMetadata(
          api,
          text(planned, "node_name"),
          text(planned, "url"),
          planned["verify"] === true,
          deadline,
        ),
    );
    return isUnknown(planned["file_name"]) ? { ...planned, file_name: filename ?? "" } : planned;
  } catch (error) {
    const detail = `Could not get file metadata, unexpected error: ${messageOf(error)}`;
    throw failure("Error initiating file download", detail);
  }
}

async function fetchFile(planned: ValueObject, session: ProviderSession, deadline: Deadline): Promise<void> {
  const content = contentOf(planned, session);
  const parameters = downloadParameters(planned);
  const name = text(planned, "file_name");
  try {
    await content.download(parameters, deadline).catch(async (error: unknown) => {
      if (!isThereAlready(error) || planned["overwrite_unmanaged"] !== true) throw error;
      await content.remove(`${text(planned, "content_type")}/${name}`, deadline);
      await content.download(parameters, deadline);
    });
  } catch (error) {
    if (isThereAlready(error)) {
      throw failure(
        "File already exists in the datastore, it was created outside of Terraform or is managed by another resource.",
        `File already exists in the datastore: '${name}', error: ${messageOf(error)}`,
      );
    }
    // The real provider asks for the version to tell whether the server knows the kind of content.
    await session.api.request("GET", "version", deadline);
    throw failure(
      "Error downloading file from url",
      `Could not download file '${name}', unexpected error: ${messageOf(error)}`,
    );
  }
}

function downloadParameters(planned: ValueObject): Readonly<Record<string, string>> {
  const optional = [
    ["checksum", "checksum"],
    ["checksum-algorithm", "checksum_algorithm"],
    ["compression", "decompression_algorithm"],
  ] as const;
  const given = optional.filter(([, attribute]) => (planned[attribute] ?? null) !== null);
  return {
    node: text(planned, "node_name"),
    storage: text(planned, "datastore_id"),
    content: text(planned, "content_type"),
    filename: text(planned, "file_name"),
    url: text(planned, "url"),
    "verify-certificates": String(Number(planned["verify"] === true)),
    ...Object.fromEntries(given.map(([parameter, attribute]) => [parameter, text(planned, attribute)])),
  };
}

async function readSize(values: ValueObject, session: ProviderSession, deadline: Deadline): Promise<number> {
  const files = await inContext("unexpected error when listing datastore files", () =>
    contentOf(values, session).list(text(values, "content_type"), deadline),
  );
  const found = files.find(({ volid }) => volid === values["id"]);
  if (found === undefined) throw new Error("file does not exists in datastore");
  return found.size;
}

function contentOf(values: ValueObject, { api }: ProviderSession): StorageContent {
  return createStorageContent(api, text(values, "node_name"), text(values, "datastore_id"));
}

function text(values: ValueObject, attribute: string): string {
  return String(values[attribute] ?? "");
}

function isThereAlready(error: unknown): boolean {
  return messageOf(error).includes("refusing to override existing file");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failure(summary: string, detail: string): ProviderFailure {
  return new ProviderFailure([{ severity: "ERROR", summary, detail }]);
}
