import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { isRemoteFlake } from "../specs/flake-key.ts";

/** Folders of the repository that the machines' systems are not made from: specs reach the hook's triggers by themselves. */
const notNix = new Set(["node_modules", "cdktf.out", "vm-specs", "coverage"]);

/**
 * What a machine's system is built from, as a text that changes when the flake does: the reference itself for a flake
 * elsewhere, else a hash over the names and contents of its Nix files and of everything under its nix/ folder.
 * Only files that git tracks count, as for Nix itself.
 */
export function flakeSource(root: string, flake: string): string {
  if (isRemoteFlake(flake)) return flake;
  const folder = resolve(root, flake);
  if (!existsSync(folder)) return `missing:${flake}`;
  const hash = createHash("sha256");
  for (const file of listFiles(folder).filter(isSource).sort()) {
    hash.update(`${file}\0${readFileSync(join(folder, file)).toString("base64")}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}

function isSource(file: string): boolean {
  return file.endsWith(".nix") || file === "flake.lock" || file.startsWith("nix/");
}

/** What git tracks; the whole folder where there is no git or the folder is not in a repository. */
function listFiles(folder: string): string[] {
  const listed = spawnSync("git", ["ls-files", "-z", "--cached"], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (listed.status !== 0) return walk(folder, "");
  const tracked = listed.stdout.toString().split("\0");
  return tracked.filter((file) => file !== "" && existsSync(join(folder, file)));
}

function walk(folder: string, prefix: string): string[] {
  return readdirSync(join(folder, prefix)).flatMap((name) => {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    if (name.startsWith(".") || notNix.has(name)) return [];
    return statSync(join(folder, path)).isDirectory() ? walk(folder, path) : [path];
  });
}
