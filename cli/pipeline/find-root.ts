import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { NixherdError } from "../../lib/errors.ts";

/**
 * The repository's root: the nearest folder, from the given one upwards, that holds cdktf.json.
 * @throws NO_PROJECT
 */
export function findRoot(startFolder: string): string {
  for (let folder = resolve(startFolder); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "cdktf.json"))) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new NixherdError("NO_PROJECT", {
    message: `There is no cdktf.json in ${resolve(startFolder)} or above it.`,
    hint: "Change into the repository that holds vm-specs/ and run the command again.",
  });
}
