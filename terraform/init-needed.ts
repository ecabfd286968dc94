import { createHash } from "node:crypto";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { TerraformFolder } from "./run-terraform.ts";
import type { StackConfiguration } from "./stack-configuration.ts";

/** What an `init` depends on, hashed. */
interface InitFingerprint {
  /** Backend, provider requirements, modules, program and what steers it from the environment. */
  readonly configuration: string;
  /** The provider requirements alone: when they change, the lock file must follow. */
  readonly providers: string;
  /** Content of .terraform.lock.hcl; null without one. */
  readonly lockFile: string | null;
  /** Whether the last init left a `.terraform`; with a reattached provider it may leave none. */
  readonly hasDataFolder: boolean;
}

export interface InitDecision {
  readonly isNeeded: boolean;
  /** The lock file may hold another version than is required now. */
  readonly isUpgrade: boolean;
}

/** Variables that change what `init` does. */
const steeringVariables = [
  "TF_CLI_CONFIG_FILE",
  "TF_DATA_DIR",
  "TF_PLUGIN_CACHE_DIR",
  "TF_WORKSPACE",
  "TF_CLI_ARGS_init",
];

/** Decides whether a stack's folder needs an `init`, by comparing with what `rememberInit` wrote after the last one. */
export async function initNeeded(
  folder: TerraformFolder,
  configuration: StackConfiguration,
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): Promise<InitDecision> {
  const now = await fingerprint(folder, configuration, env);
  const last = await readRemembered(folder);
  const isSame = last !== undefined && JSON.stringify(last) === JSON.stringify(now);
  const isLockOutdated = now.lockFile !== null && last?.providers !== now.providers;
  return { isNeeded: !isSame, isUpgrade: isLockOutdated };
}

/** Writes down what a successful `init` was made for, beside `.terraform`. */
export async function rememberInit(
  folder: TerraformFolder,
  configuration: StackConfiguration,
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): Promise<void> {
  const text = JSON.stringify(await fingerprint(folder, configuration, env));
  await writeFile(rememberedFile(folder), `${text}\n`);
}

/** Makes the next `initNeeded` say yes: for a folder that Terraform found not to be initialised after all. */
export async function forgetInit(folder: TerraformFolder): Promise<void> {
  await rm(rememberedFile(folder), { force: true });
}

function rememberedFile(folder: TerraformFolder): string {
  return join(folder.path, ".nixherd-init.json");
}

async function fingerprint(
  { binary, path }: TerraformFolder,
  { terraform, modules }: StackConfiguration,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<InitFingerprint> {
  const lockFile = await readIfThere(join(path, ".terraform.lock.hcl"));
  const steering = steeringVariables.map((name) => env[name] ?? null);
  return {
    configuration: hash([terraform, modules, binary, reattachedProviders(env), steering]),
    providers: hash(terraform["required_providers"] ?? null),
    lockFile: lockFile === undefined ? null : hash(lockFile),
    hasDataFolder: await isFolder(resolve(path, env["TF_DATA_DIR"] ?? ".terraform")),
  };
}

/** Only which providers: their processes and sockets change at every start and mean nothing to `init`. */
function reattachedProviders(env: Readonly<NodeJS.ProcessEnv>): string[] {
  const text = env["TF_REATTACH_PROVIDERS"];
  if (!text) return [];
  return Object.keys(parseOrUndefined<object>(text) ?? {}).sort();
}

async function readRemembered(folder: TerraformFolder): Promise<InitFingerprint | undefined> {
  const text = await readIfThere(rememberedFile(folder));
  // Half written by a run that was killed is as good as none.
  return text === undefined ? undefined : parseOrUndefined<InitFingerprint>(text);
}

function parseOrUndefined<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
