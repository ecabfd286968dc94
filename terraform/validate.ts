import { deadlines } from "./deadlines.ts";
import { type Diagnostic, readDiagnostic } from "./diagnostic.ts";
import { parseJsonOutput } from "./parse-json-output.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

/** The arguments of `validate`. */
export function validateArguments(): string[] {
  return ["validate", "-json", "-no-color"];
}

/** Checks a stack's configuration against the provider's schema, without the cluster; an empty list means valid. */
export async function validate(folder: TerraformFolder): Promise<Diagnostic[]> {
  // Exit code 1 is an answer too: the diagnostics are on stdout.
  const run = { args: validateArguments(), ...deadlines.read, goodExitCodes: [0, 1] };
  const { stdout } = await runTerraform(folder, run);
  const { diagnostics } = parseJsonOutput<{ diagnostics?: readonly unknown[] }>(stdout, folder, "validate");
  return (diagnostics ?? []).map(readDiagnostic).filter((diagnostic) => diagnostic !== undefined);
}
