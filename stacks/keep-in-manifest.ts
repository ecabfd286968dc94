import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly stacks: Readonly<Record<string, unknown>>;
}

/**
 * Lets the new manifest of a folder name stacks that were not written, as the former one names them: their last
 * configuration is still in place. A stack that was never written is in neither.
 */
export function keepInManifest(newFolder: string, formerFolder: string, stacks: readonly string[]): void {
  const formerFile = join(formerFolder, "manifest.json");
  if (stacks.length === 0 || !existsSync(formerFile)) return;
  const former = readManifest(formerFile);
  const kept = Object.entries(former.stacks).filter(([name]) => stacks.includes(name));
  const file = join(newFolder, "manifest.json");
  const manifest = readManifest(file);
  const merged = { ...manifest, stacks: { ...Object.fromEntries(kept), ...manifest.stacks } };
  writeFileSync(file, JSON.stringify(merged, undefined, 2));
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, "utf8")) as Manifest;
}
