import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { siteFile } from "../../specs/list-spec-files.ts";
import { readSite } from "../../specs/read-site.ts";
import { machineType } from "../../terraform/machine-address.ts";
import { outputFolder } from "./synthesize.ts";

interface StateFile {
  readonly resources?: readonly { readonly mode?: string; readonly type?: string }[];
}

/**
 * Stacks whose folder under vm-specs/ is gone and whose state still knows machines, by name, sorted. Only states in
 * local files can be listed; what other backends hold is asked for by the stack's name alone.
 */
export async function findRemovedStacks(root: string): Promise<string[]> {
  const { local } = readSite(root, siteFile).site.backend;
  const path = local?.["path"];
  if (typeof path !== "string" || basename(path).split("{stack}").length !== 2) return [];
  // Paths of the backend begin in the stack's own folder.
  const folder = resolve(root, outputFolder, "stacks", "any", dirname(path));
  const [before = "", after = ""] = basename(path).split("{stack}");
  if (!existsSync(folder)) return [];
  const stacks = (await readdir(folder))
    .filter(
      (name) => name.startsWith(before) && name.endsWith(after) && name.length > before.length + after.length,
    )
    .map((name) => name.slice(before.length, name.length - after.length))
    .filter((stack) => !existsSync(join(root, "vm-specs", stack)));
  const known = await Promise.all(
    stacks.map((stack) => hasMachines(join(folder, `${before}${stack}${after}`))),
  );
  return stacks.filter((_, index) => known[index]).toSorted();
}

async function hasMachines(file: string): Promise<boolean> {
  const { resources = [] } = JSON.parse(await readFile(file, "utf8")) as StateFile;
  return resources.some(({ mode, type }) => mode === "managed" && type === machineType);
}
