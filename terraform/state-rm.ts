import { deadlines, defaultLockTimeoutSeconds } from "./deadlines.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

/** The arguments of `state rm`. */
export function stateRmArguments(addresses: readonly string[]): string[] {
  return ["state", "rm", `-lock-timeout=${defaultLockTimeoutSeconds}s`, ...addresses];
}

/**
 * Takes resources out of a stack's state and leaves them as they are on the cluster.
 * @throws STATE_LOCKED, BACKEND_FAILED, TERRAFORM_FAILED, INTERRUPTED
 */
export async function forgetResources(folder: TerraformFolder, addresses: readonly string[]): Promise<void> {
  await runTerraform(folder, { args: stateRmArguments(addresses), ...deadlines.read });
}
