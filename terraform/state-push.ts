import { deadlines, defaultLockTimeoutSeconds } from "./deadlines.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

/** The arguments of `state push`; the file is an absolute path. */
export function statePushArguments(file: string): string[] {
  return ["state", "push", `-lock-timeout=${defaultLockTimeoutSeconds}s`, file];
}

/**
 * Writes a stack's state, under its lock, from a file that was made of a pulled one. One that somebody else has
 * written since is left as it is.
 * @throws STATE_LOCKED, STATE_CHANGED, BACKEND_FAILED, TERRAFORM_FAILED, INTERRUPTED
 */
export async function pushState(folder: TerraformFolder, file: string): Promise<void> {
  await runTerraform(folder, { args: statePushArguments(file), ...deadlines.read });
}
