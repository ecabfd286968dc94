import { mkdir } from "node:fs/promises";
import type { TerraformEvent } from "./apply-events.ts";
import { deadlines, defaultLockTimeoutSeconds } from "./deadlines.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

export interface ApplyOptions {
  /** Absolute path of a saved plan; exactly that is applied. */
  readonly planFile: string;
  /** How many operations run at once. Defaults to Terraform's own 10. */
  readonly parallelism?: number;
  /** Defaults to 10. */
  readonly lockTimeoutSeconds?: number;
}

/** The arguments of `apply`. */
export function applyArguments({ planFile, parallelism, lockTimeoutSeconds }: ApplyOptions): string[] {
  return [
    "apply",
    "-input=false",
    "-json",
    `-lock-timeout=${lockTimeoutSeconds ?? defaultLockTimeoutSeconds}s`,
    ...(parallelism === undefined ? [] : [`-parallelism=${parallelism}`]),
    planFile,
  ];
}

/**
 * Applies a saved plan and hands over what happens. If this process is killed, the program goes on to the plan's end
 * and saves the state; what it prints goes to a folder beside the plan.
 * @throws PLAN_STALE, STATE_LOCKED, INTERRUPTED and whatever else `explainFailure` recognises
 */
export async function apply(
  folder: TerraformFolder,
  options: ApplyOptions,
  onEvent: (event: TerraformEvent) => void,
): Promise<void> {
  const outputFolder = `${options.planFile}.output`;
  await mkdir(outputFolder, { recursive: true, mode: 0o700 });
  await runTerraform(folder, { args: applyArguments(options), ...deadlines.apply, outputFolder, onEvent });
}
