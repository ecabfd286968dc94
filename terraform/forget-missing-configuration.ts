import { existsSync } from "node:fs";

/**
 * Drops TF_CLI_CONFIG_FILE from an environment if there is no such file, and returns the sentence that says so. OpenTofu
 * would print its warning into the JSON that `show` and `output` are read by.
 */
export function forgetMissingConfiguration(env: NodeJS.ProcessEnv): string | undefined {
  const file = env["TF_CLI_CONFIG_FILE"];
  if (!file || existsSync(file)) return undefined;
  delete env["TF_CLI_CONFIG_FILE"];
  return `TF_CLI_CONFIG_FILE names ${file}, which does not exist; going on without it.`;
}
