import { deadlines } from "./deadlines.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

interface InitOptions {
  /** Takes the newest provider the constraint allows, whatever the lock file says. Defaults to false. */
  readonly isUpgrade?: boolean;
}

/** The arguments of `init`. */
export function initArguments({ isUpgrade = false }: InitOptions): string[] {
  return ["init", "-input=false", "-no-color", ...(isUpgrade ? ["-upgrade"] : [])];
}

/**
 * Prepares a stack's folder: backend and provider.
 * @throws BACKEND_CHANGED, BACKEND_FAILED, PROVIDER_MISSING, TERRAFORM_FAILED, INTERRUPTED
 */
export async function init(folder: TerraformFolder, options: InitOptions): Promise<void> {
  await runTerraform(folder, { args: initArguments(options), ...deadlines.read });
}
