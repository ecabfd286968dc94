import { deadlines, defaultLockTimeoutSeconds } from "./deadlines.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

/**
 * Marks a resource of the state as unfinished, so that the next plan replaces it.
 * @throws STATE_LOCKED, INTERRUPTED, TERRAFORM_FAILED
 */
export async function taint(folder: TerraformFolder, address: string): Promise<void> {
  const args = ["taint", `-lock-timeout=${defaultLockTimeoutSeconds}s`, address];
  await runTerraform(folder, { args, ...deadlines.read });
}
