import type { ApiClient } from "./api-client.ts";
import { inContext } from "./api-error.ts";
import type { Deadline } from "./deadline.ts";

/** What the cluster's configuration says about a datastore. */
export interface StorageSettings {
  readonly storage: string;
  /** Where its files are; absent for what holds no files. */
  readonly path?: string;
  readonly content?: string;
}

/** Reads a datastore's settings. */
export async function getStorageSettings(
  api: ApiClient,
  storage: string,
  deadline: Deadline,
): Promise<StorageSettings> {
  const data = await inContext("error reading datastore", () =>
    api.request("GET", `storage/${encodeURIComponent(storage)}`, deadline),
  );
  return data as StorageSettings;
}
