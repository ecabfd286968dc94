import { deadlines } from "./deadlines.ts";
import { parseJsonOutput } from "./parse-json-output.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

/** One output of a stack. */
export interface StackOutput {
  readonly sensitive: boolean;
  readonly value: unknown;
}

/** The arguments of `output`. */
export function outputArguments(): string[] {
  return ["output", "-json", "-no-color"];
}

/**
 * Reads a stack's outputs from its state; empty before the first apply.
 * @throws INIT_NEEDED, BACKEND_FAILED, TERRAFORM_FAILED, INTERRUPTED
 */
export async function output(folder: TerraformFolder): Promise<Readonly<Record<string, StackOutput>>> {
  const { stdout } = await runTerraform(folder, { args: outputArguments(), ...deadlines.read });
  const outputs = Object.entries(parseJsonOutput<Record<string, StackOutput>>(stdout, folder, "output"));
  return Object.fromEntries(outputs.map(([name, { sensitive, value }]) => [name, { sensitive, value }]));
}
