import { execFileSync, spawnSync } from "node:child_process";

/** Why tests that need Nix do not run here; empty where it is installed. */
export const noNix: string =
  spawnSync("nix-instantiate", ["--version"]).status === 0 ? "" : "nix-instantiate is not installed here";

/** The value of a Nix expression, as JSON has it. Pure evaluation: nothing is built or fetched. */
export function evaluateNix(expression: string): unknown {
  const output = execFileSync("nix-instantiate", ["--eval", "--strict", "--json", "--expr", expression], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output);
}
