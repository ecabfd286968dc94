import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Two replacements at once must not write the same draft. */
let drafts = 0;

/** Replaces a file as a whole: whoever reads it sees the old value or the new one. Only its owner may read it. */
export async function replaceJson(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  drafts += 1;
  const draft = `${file}.${process.pid}-${drafts}.new`;
  await writeFile(draft, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

/** What a file holds; undefined when there is none. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
