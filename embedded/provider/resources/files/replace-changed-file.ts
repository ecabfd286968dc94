import { queryUrlMetadata } from "../../api/storage-content.ts";
import type { DraftPlan } from "../../framework/framework-resource.ts";
import type { Memory } from "../../memory.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { ValueObject } from "../../wire/value.ts";

/**
 * What the next plan has to know: the size that the state had before it was read, and the size that the URL has now,
 * -1 when it cannot be asked.
 */
export async function rememberSizes(state: ValueObject, session: ProviderSession): Promise<Memory> {
  const before = { stateSize: String(Number(state["size"] ?? 0)) };
  if (state["overwrite"] !== true) return before;
  try {
    const { size } = await queryUrlMetadata(
      session.api,
      String(state["node_name"]),
      String(state["url"] ?? ""),
      state["verify"] === true,
      session.lifetime,
    );
    return size === undefined ? before : { ...before, urlSize: String(size) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ...before, urlSize: "-1" };
  }
}

/** Replaces a file whose size is no longer the one it had, or no longer the one that its URL has. */
export function replaceChangedFile(draft: DraftPlan, memory: Memory): DraftPlan {
  const { prior, planned } = draft;
  const size = Number(prior["size"] ?? 0);
  const overwrites = planned["overwrite"] === true;
  const { stateSize, urlSize } = memory;
  if (stateSize !== undefined && Number(stateSize) !== size && overwrites) {
    return replaced(
      draft,
      Number(stateSize),
      "The file size in datastore has changed outside of terraform.",
      `Previous size: ${stateSize} saved in state does not match current size from datastore: ${size}. You can disable this behaviour by using overwrite=false`,
    );
  }
  if (urlSize === undefined || !overwrites || planned["url"] !== prior["url"]) return draft;
  const url = JSON.stringify(planned["url"]);
  if (Number(urlSize) < 0) {
    const detail = `The remote file at URL ${url} most likely doesn't exist or can't be accessed.\nTo skip the remote file check, set \`overwrite\` to \`false\`.`;
    const summary = "Could not read the file metadata from URL.";
    return warned(draft, summary, detail);
  }
  if (Number(urlSize) === size) return draft;
  return replaced(
    draft,
    Number(urlSize),
    "The file size from URL has changed.",
    `Size ${urlSize} from URL ${url} does not match size ${size} from datastore. You can disable this behaviour by using overwrite=false`,
  );
}

function replaced(draft: DraftPlan, size: number, summary: string, detail: string): DraftPlan {
  return warned(
    { ...draft, planned: { ...draft.planned, size }, replaces: [...draft.replaces, ["size"]] },
    summary,
    detail,
  );
}

function warned(draft: DraftPlan, summary: string, detail: string): DraftPlan {
  const warning = { severity: "WARNING", summary, detail, path: ["size"] } as const;
  return { ...draft, diagnostics: [...draft.diagnostics, warning] };
}
