import { deadlines } from "./deadlines.ts";
import { parseJsonOutput } from "./parse-json-output.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

/** One resource's change in `show -json` of a plan, as far as it is read here. */
export interface PlannedChange {
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  /** Why it is replaced or deleted, such as "replace_because_tainted". */
  readonly action_reason?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: unknown;
    readonly after: unknown;
    /** True where a value is known after the apply only, in the shape of `after`. */
    readonly after_unknown?: unknown;
    /** Attribute paths that force the replacement. */
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

/** A saved plan as JSON (format 1.x of Terraform and OpenTofu), as far as it is read here. */
export interface PlanJson {
  readonly resource_changes?: readonly PlannedChange[];
  /** What changed outside since the state was written. */
  readonly resource_drift?: readonly PlannedChange[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
}

/** A plan of 1,000 machines has about 30 million characters. */
const mostPlanChars = 400_000_000;

/** The arguments of `show` for a saved plan. */
export function showArguments(planFile: string): string[] {
  return ["show", "-json", "-no-color", planFile];
}

/**
 * Reads a saved plan.
 * @throws TERRAFORM_FAILED, OUTPUT_TOO_LARGE, INTERRUPTED
 */
export async function showPlan(folder: TerraformFolder, planFile: string): Promise<PlanJson> {
  const run = { args: showArguments(planFile), ...deadlines.read, maxOutputChars: mostPlanChars };
  const { stdout } = await runTerraform(folder, run);
  return parseJsonOutput<PlanJson>(stdout, folder, "show");
}
