import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const tools = fileURLToPath(new URL("../../../../.tools/bin", import.meta.url));

/** The binary that the tests run: TERRAFORM_BINARY_NAME, else tofu, else terraform, the repository's own tools first. */
export function findTerraformBinary(): string {
  const wanted = process.env["TERRAFORM_BINARY_NAME"];
  if (wanted !== undefined && wanted !== "") return wanted;
  const [binary] = findBinaries();
  if (binary === undefined) throw new Error("neither tofu nor terraform is on PATH: run scripts/setup first");
  return binary;
}

/** OpenTofu and Terraform, as far as they are installed. */
export function findBinaries(): readonly string[] {
  const folders = [tools, ...(process.env["PATH"] ?? "").split(delimiter)];
  return ["tofu", "terraform"].flatMap((name) => {
    const folder = folders.find((one) => existsSync(join(one, name)));
    return folder === undefined ? [] : [join(folder, name)];
  });
}
