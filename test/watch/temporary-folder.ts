import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An empty folder that is removed when the test, or whatever else calls back at its end, is over. */
export function temporaryFolder(atEnd: (remove: () => void) => void): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nixherd-watch-")));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
