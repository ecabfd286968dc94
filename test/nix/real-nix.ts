import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Settings of Nix for tests: nothing is downloaded, and builders may use the programs of this machine. */
export const nixSettings = {
  NIX_CONFIG: [
    "experimental-features = nix-command flakes",
    "substituters =",
    "sandbox = false",
    "build-users-group =",
    "flake-registry =",
  ].join("\n"),
} as const;

/** As much of nixpkgs as the repository's flake needs; its systems are really built. */
const standIn = join(import.meta.dirname, "stand-in-nixpkgs");

/** The repository's flake.nix with the stand-in as its nixpkgs. */
export function onStandIn(flake: string): string {
  return flake.replace("github:NixOS/nixpkgs/nixos-26.05", `path:${standIn}`);
}

/** Why tests that build with Nix do not run here; empty where it builds. */
export const noBuilds: string = findObstacle();

function findObstacle(): string {
  const folder = mkdtempSync(join(tmpdir(), "nixherd-nix-"));
  const expression = `derivation {
    name = "nixherd-test-${process.pid}";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/usr/bin:/bin";
    args = [ "-c" "mkdir $out" ];
  }`;
  const settings = { ...process.env, ...nixSettings };
  const built = spawnSync("nix-build", ["--no-out-link", "--expr", expression], {
    cwd: folder,
    env: settings,
  });
  rmSync(folder, { recursive: true });
  if (built.error !== undefined) return "nix is not installed here";
  if (built.status !== 0) return "nix cannot build here with programs of this machine";
  const evaluated = spawnSync("nix", ["eval", "--expr", "builtins.currentSystem", "--impure"], {
    env: settings,
  });
  return evaluated.status === 0 ? "" : "nix here knows no flakes";
}
