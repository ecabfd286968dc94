import { ApiError } from "../../api/api-error.ts";
import { createStorageContent } from "../../api/storage-content.ts";
import { ProviderFailure } from "../../failure.ts";
import type { Tell } from "../../framework/framework-resource.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { ValueObject } from "../../wire/value.ts";

/** Deletes a downloaded file; one that is gone already is fine. */
export async function deleteDownload(
  state: ValueObject,
  { api, lifetime }: ProviderSession,
  tell: Tell,
): Promise<void> {
  const id = String(state["id"]);
  const content = createStorageContent(api, String(state["node_name"]), String(state["datastore_id"]));
  try {
    await content.remove(id, lifetime);
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return;
    const message = error instanceof Error ? error.message : String(error);
    if (!message.includes("unable to parse")) {
      const detail = `Could not delete datastore file '${id}', unexpected error: ${message}`;
      throw new ProviderFailure([{ severity: "ERROR", summary: "Error deleting datastore file", detail }]);
    }
    const detail = `Could not delete datastore file '${id}', it does not exist or has been deleted outside of Terraform.`;
    tell({ severity: "WARNING", summary: "Datastore file does not exists", detail });
  }
}
