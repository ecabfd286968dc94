import { readdir, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { processStart } from "../lib/process-start.ts";
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
  const folder = join("/proc", pid, "cwd");
  try {
    await readlink(folder);
    const environment = await readFile(join("/proc", pid, "environ"), "utf8");
    // A folder that was never initialised for a backend has none but its own files.
    return environment.includes("TF_DATA_DIR=") || isDeepStrictEqual(await readBackend(folder), backend);
  } catch (error) {
    // One that has ended holds nothing, though its parent may not have taken notice yet; one that hides its work might.
    if (isGone(error)) return false;
    if (isHidden(error)) return (await processStart(Number(pid))) !== undefined;
    throw error;
  }
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

async function tryRead(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isGone(error) || isHidden(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ["ENOENT", "ESRCH", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function isHidden(error: unknown): boolean {
  return ["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "");
}
