import { deadlines, defaultLockTimeoutSeconds } from "./deadlines.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

interface ImportOptions {
  /** Of a resource that the configuration has. */
  readonly address: string;
  /** What the provider knows it by; for a machine "<node>/<vmId>" (bpg/proxmox 0.111.1). */
  readonly id: string;
}

/** The arguments of `import`. */
export function importArguments({ address, id }: ImportOptions): string[] {
  return ["import", "-input=false", "-no-color", `-lock-timeout=${defaultLockTimeoutSeconds}s`, address, id];
}

/**
 * Takes something that is on the cluster into a stack's state; changes nothing on the cluster.
 * @throws STATE_LOCKED and whatever else `explainFailure` recognises
 */
export async function importResource(folder: TerraformFolder, options: ImportOptions): Promise<void> {
  await runTerraform(folder, { args: importArguments(options), ...deadlines.plan });
}
