import { NixherdError } from "../lib/errors.ts";
import { maskSecrets } from "../lib/mask-secrets.ts";
import type { TerraformFolder } from "./run-terraform.ts";

/**
 * Reads the one JSON object that a command printed.
 * @throws TERRAFORM_FAILED when it printed something else
 */
export function parseJsonOutput<T extends object>(
  stdout: string,
  folder: TerraformFolder,
  command: string,
): T {
  try {
    const value: unknown = JSON.parse(stdout);
    if (typeof value === "object" && value !== null) return value as T;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new NixherdError("TERRAFORM_FAILED", {
    message: `${folder.binary.product} ${command} printed no JSON object but: ${maskSecrets(stdout.trim().slice(0, 500))}`,
    hint: "Check that TERRAFORM_BINARY_NAME names OpenTofu or Terraform, and unset TF_CLI_ARGS.",
  });
}
