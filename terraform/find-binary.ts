import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import { runCommand } from "../lib/run-command.ts";

export interface TerraformBinary {
  /** Absolute path. */
  readonly path: string;
  readonly product: "OpenTofu" | "Terraform";
  /** Such as "1.12.6". */
  readonly version: string;
}

interface SearchOptions {
  /** The repository's root, whose `.tools/bin/tofu` is preferred over PATH. */
  readonly root: string;
  readonly env?: Readonly<NodeJS.ProcessEnv>;
}

/** The oldest releases whose commands, JSON output and provider protocol are the ones used here. */
const oldestVersions = { OpenTofu: [1, 8], Terraform: [1, 9] } as const;

const versionTimeoutMs = 30_000;

/**
 * Finds the program that plans and applies: the one named by TERRAFORM_BINARY_NAME, else `.tools/bin/tofu` of the
 * repository, else `tofu`, else `terraform` on PATH. The first one found is taken, or refused when it is too old:
 * falling back to another product would write its state format over the user's.
 * @throws TERRAFORM_MISSING, TERRAFORM_NAMED_MISSING, TERRAFORM_TOO_OLD, COMMAND_NOT_STARTED
 */
export async function findBinary({ root, env = process.env }: SearchOptions): Promise<TerraformBinary> {
  const named = env["TERRAFORM_BINARY_NAME"];
  const path = named ? await findNamed(named, root, env) : await findInstalled(root, env);
  const binary = await readVersion(path, root);
  refuseOld(binary);
  return binary;
}

async function findNamed(name: string, root: string, env: Readonly<NodeJS.ProcessEnv>): Promise<string> {
  const candidates = name.includes("/") ? [resolve(root, name)] : onPath(name, env);
  const found = await firstExecutable(candidates);
  if (found !== undefined) return found;
  throw new NixherdError("TERRAFORM_NAMED_MISSING", {
    message: `TERRAFORM_BINARY_NAME is "${name}", and there is no such program.`,
    hint: "Correct the variable, or unset it to use tofu or terraform from PATH.",
  });
}

async function findInstalled(root: string, env: Readonly<NodeJS.ProcessEnv>): Promise<string> {
  const candidates = [
    join(root, ".tools", "bin", "tofu"),
    ...onPath("tofu", env),
    ...onPath("terraform", env),
  ];
  const found = await firstExecutable(candidates);
  if (found !== undefined) return found;
  throw new NixherdError("TERRAFORM_MISSING", {
    message: "Neither tofu nor terraform was found in .tools/bin or on PATH.",
    hint: "Run scripts/setup, which puts OpenTofu into .tools/bin, or install one of them.",
  });
}

function onPath(name: string, env: Readonly<NodeJS.ProcessEnv>): string[] {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name));
}

async function firstExecutable(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    const isExecutable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return candidate;
  }
  return undefined;
}

async function readVersion(path: string, root: string): Promise<TerraformBinary> {
  const { stdout, stderr } = await runCommand({
    file: path,
    args: ["version"],
    cwd: root,
    env: { CHECKPOINT_DISABLE: "1" },
    timeoutMs: versionTimeoutMs,
  });
  const [, product, version] = /^(OpenTofu|Terraform) v(\d+\.\d+\.\d+\S*)/m.exec(stdout) ?? [];
  if ((product === "OpenTofu" || product === "Terraform") && version !== undefined) {
    return { path, product, version };
  }
  throw new NixherdError("COMMAND_NOT_STARTED", {
    message: `${path} does not say which OpenTofu or Terraform it is: "${(stdout + stderr).trim().slice(0, 200)}".`,
    hint: "Run scripts/setup, or name a working binary in TERRAFORM_BINARY_NAME.",
  });
}

function refuseOld({ path, product, version }: TerraformBinary): void {
  const [oldestMajor, oldestMinor] = oldestVersions[product];
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new NixherdError("TERRAFORM_TOO_OLD", {
    message: `${product} ${version} at ${path} is older than ${oldestMajor}.${oldestMinor}, the oldest that works here.`,
    hint: "Update it, or run scripts/setup and let TERRAFORM_BINARY_NAME unset.",
  });
}
