import { readdir, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { TerraformFolder } from "./run-terraform.ts";

const programNames = /^(?:tofu|opentofu|terraform)(?!-prov)/;
/** The kernel cuts names there (proc(5), comm). */
const longestName = 15;

/**
 * Whether a program runs on this computer that may hold the lock of a folder's state: OpenTofu or Terraform, in a folder
 * with the same backend or in one that cannot be looked at. Where processes cannot be listed, everything may be.
 */
export async function mayBeHeldHere({ path, binary }: TerraformFolder): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const backend = await readBackend(path);
  if (backend === undefined) return true;
  const ownName = basename(binary.path).slice(0, longestName);
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const name = (await tryRead(join("/proc", pid, "comm")))?.trim();
    if (name === undefined || !(name === ownName || programNames.test(name))) continue;
    if (await mayUse(pid, backend)) return true;
  }
  return false;
}

async function mayUse(pid: string, backend: unknown): Promise<boolean> {
  const folder = await tryTo(() => readlink(join("/proc", pid, "cwd")));
  const environment = await tryRead(join("/proc", pid, "environ"));
  // A process that has ended meanwhile holds nothing; any other that hides what it works on might.
  if (folder === undefined || environment === undefined || environment.includes("TF_DATA_DIR=")) {
    return (await tryRead(join("/proc", pid, "comm"))) !== undefined;
  }
  // A folder that was never initialised for a backend has none but its own files.
  return isDeepStrictEqual(await readBackend(folder), backend);
}

/** Type and settings of the backend that a folder was initialised for; undefined when it does not tell. */
async function readBackend(folder: string): Promise<unknown> {
  const text = await tryRead(join(folder, ".terraform", "terraform.tfstate"));
  if (text === undefined) return undefined;
  try {
    const { backend } = JSON.parse(text) as { backend?: { type?: unknown; config?: unknown } };
    return backend === undefined ? undefined : { type: backend.type, config: backend.config };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function tryRead(file: string): Promise<string | undefined> {
  return tryTo(() => readFile(file, "utf8"));
}

async function tryTo<R>(step: () => Promise<R>): Promise<R | undefined> {
  try {
    return await step();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR"].includes(code)) return undefined;
    throw error;
  }
}
