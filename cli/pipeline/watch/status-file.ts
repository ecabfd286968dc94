import { replaceJson } from "../../../lib/json-file.ts";
import { maskSecretsIn } from "../../../lib/mask-secrets.ts";
import type { WatchStatus } from "../../../reconcile/watch/conditions.ts";
import { watchFiles } from "../../../reconcile/watch/watch-files.ts";

/** Writes of the status are this far apart at least: a run tells of many machines at once. */
const betweenWritesMs = 100;

/** The file that `nixherd status` reads. */
export interface StatusFile {
  /** The status is another one; it is in the file soon. */
  changed(): void;
  /** Resolves when the file holds the status of this moment. */
  close(): Promise<void>;
}

/** Keeps the file as `status` tells, secrets masked; a failure to write is told by `onError`. */
export function openStatusFile(
  root: string,
  status: () => WatchStatus,
  onError: (error: unknown) => void,
): StatusFile {
  const file = watchFiles(root).status;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = (): void => {
    timer = undefined;
    writing = writing.then(() => replaceJson(file, maskSecretsIn(status()))).catch(onError);
  };
  return {
    changed() {
      timer ??= setTimeout(write, betweenWritesMs);
    },
    async close() {
      clearTimeout(timer);
      write();
      await writing;
    },
  };
}
