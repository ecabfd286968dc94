import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The binary that the tests run: TERRAFORM_BINARY_NAME, else tofu, else terraform, the repository's own tools first. */
export function findTerraformBinary(): string {
  const wanted = process.env["TERRAFORM_BINARY_NAME"];
  if (wanted !== undefined && wanted !== "") return wanted;
  const tools = fileURLToPath(new URL("../../../../.tools/bin", import.meta.url));
  const folders = [tools, ...(process.env["PATH"] ?? "").split(delimiter)];
  for (const name of ["tofu", "terraform"]) {
    const folder = folders.find((one) => existsSync(join(one, name)));
    if (folder !== undefined) return join(folder, name);
  }
  throw new Error("neither tofu nor terraform is on PATH: run scripts/setup first");
}
