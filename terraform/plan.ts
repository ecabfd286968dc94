import type { TerraformEvent } from "./apply-events.ts";
import { deadlines, defaultLockTimeoutSeconds } from "./deadlines.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

export interface PlanOptions {
  /** Absolute path of the file that the plan is saved in. */
  readonly outFile: string;
  /** Plans the end of everything in the stack. Defaults to false. */
  readonly isDestroy?: boolean;
  /** Addresses; only these and what they depend on are planned. Defaults to everything. */
  readonly targets?: readonly string[];
  /** How many operations run at once. Defaults to Terraform's own 10. */
  readonly parallelism?: number;
  /** Defaults to 10. */
  readonly lockTimeoutSeconds?: number;
}

/** The arguments of `plan`. */
export function planArguments(options: PlanOptions): string[] {
  const { outFile, isDestroy = false, targets = [], parallelism } = options;
  return [
    "plan",
    "-input=false",
    "-json",
    "-detailed-exitcode",
    `-lock-timeout=${options.lockTimeoutSeconds ?? defaultLockTimeoutSeconds}s`,
    ...(parallelism === undefined ? [] : [`-parallelism=${parallelism}`]),
    ...(isDestroy ? ["-destroy"] : []),
    ...targets.map((address) => `-target=${address}`),
    `-out=${outFile}`,
  ];
}

const changesPresent = 2;

/**
 * Makes a plan and saves it; true when it changes anything (outputs count too).
 * @throws STATE_LOCKED, INIT_NEEDED, INTERRUPTED and whatever else `explainFailure` recognises
 */
export async function plan(
  folder: TerraformFolder,
  options: PlanOptions,
  onEvent: (event: TerraformEvent) => void,
): Promise<boolean> {
  const { exitCode } = await runTerraform(folder, {
    args: planArguments(options),
    ...deadlines.plan,
    goodExitCodes: [0, changesPresent],
    onEvent,
  });
  return exitCode === changesPresent;
}
