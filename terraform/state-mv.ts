import { deadlines, defaultLockTimeoutSeconds } from "./deadlines.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

interface StateMove {
  /** Absolute path of the state file that gives the resource. */
  readonly from: string;
  /** Absolute path of the state file that gets it; it need not exist. */
  readonly to: string;
  /** The same in both. */
  readonly address: string;
  /** Existing folder for the copies that Terraform makes of both files before it writes them. */
  readonly backupFolder: string;
}

/** The arguments of `state mv` from one file into another. */
export function stateMvArguments({ from, to, address, backupFolder }: StateMove): string[] {
  return [
    "state",
    "mv",
    `-lock-timeout=${defaultLockTimeoutSeconds}s`,
    `-state=${from}`,
    `-state-out=${to}`,
    `-backup=${backupFolder}/from-before-${address}.tfstate`,
    `-backup-out=${backupFolder}/to-before-${address}.tfstate`,
    address,
    address,
  ];
}

/**
 * Moves a resource between two state files. Both are locked meanwhile; the one that gets it is written first.
 * @throws STATE_LOCKED, TERRAFORM_FAILED, INTERRUPTED
 */
export async function moveResource(folder: TerraformFolder, move: StateMove): Promise<void> {
  await runTerraform(folder, { args: stateMvArguments(move), ...deadlines.read });
}
