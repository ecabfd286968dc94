import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/**
 * The binaries that the end-to-end tests run with: OpenTofu (`.tools/bin/tofu` or on PATH) and Terraform (on PATH).
 * At least one must be there; scripts/setup sees to that.
 */
export function terraformBinaries(): string[] {
  const own = resolve(".tools/bin/tofu");
  const tofu = existsSync(own) ? own : "tofu";
  const found = [tofu, "terraform"].filter((binary) => spawnSync(binary, ["version"]).status === 0);
  if (found.length === 0) throw new Error("neither tofu nor terraform is installed: run scripts/setup");
  return found;
}
