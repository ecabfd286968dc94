import { cpSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** What a user's repository holds besides vm-specs/. */
const parts = [
  "cdktf.json",
  "constructs",
  "flake.nix",
  "lib",
  "nix",
  "package.json",
  "scripts",
  "specs",
  "stacks",
];

/** Copies a user's repository, without its specs and with links to its packages, into a folder; `more` are further parts. */
export function copyRepository(root: string, more: readonly string[] = []): void {
  for (const part of [...parts, ...more]) cpSync(resolve(part), join(root, part), { recursive: true });
  for (const part of ["node_modules", "packages"]) symlinkSync(resolve(part), join(root, part));
}
