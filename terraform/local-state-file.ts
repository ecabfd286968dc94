import { resolve } from "node:path";
import type { StackConfiguration } from "./stack-configuration.ts";

interface Stack {
  /** Absolute path of the stack's folder. */
  readonly path: string;
  readonly configuration: Pick<StackConfiguration, "terraform">;
}

/** The file that a stack's state is in; undefined where it is in no local file, or in that of a workspace. */
export function localStateFile(
  { path, configuration }: Stack,
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): string | undefined {
  const { local } = (configuration.terraform["backend"] ?? {}) as Readonly<Record<string, unknown>>;
  const file = (local as { readonly path?: unknown } | undefined)?.path;
  const isDefaultWorkspace = ["default", "", undefined].includes(env["TF_WORKSPACE"]);
  return typeof file === "string" && isDefaultWorkspace ? resolve(path, file) : undefined;
}
