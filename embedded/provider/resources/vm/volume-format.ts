import { ApiError, inContext } from "../../api/api-error.ts";
import { escapeSegment } from "../../api/tasks.ts";
import type { VmOperation } from "./vm-operation.ts";

/** The format of a volume as its storage tells it; undefined when the volume is gone. */
export async function volumeFormat(
  { session, deadline }: VmOperation,
  node: string,
  volume: string,
): Promise<string | undefined> {
  const datastore = volume.split(":")[0] ?? "";
  const path = `nodes/${encodeURIComponent(node)}/storage/${encodeURIComponent(datastore)}/content/${escapeSegment(volume)}`;
  try {
    const data = await inContext(`error get file ${volume} from datastore ${datastore}`, () =>
      session.api.request("GET", path, deadline),
    );
    return (data as { format?: string } | undefined)?.format;
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}
