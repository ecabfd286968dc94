import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { listFiles } from "../../scripts/list-files.ts";

/** The repository that the tests belong to. */
export const repository = join(import.meta.dirname, "../..");

interface CloneOptions {
  /** Whether the clone uses what is installed here; by default nothing is installed. */
  readonly isSetUp?: boolean;
}

/** A copy of the repository as it is now, in a folder that goes when the test ends. */
export function cloneRepository({ isSetUp = false }: CloneOptions = {}): string {
  const root = mkdtempSync(join(tmpdir(), "nixherd-clone-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const file of listFiles()) cpSync(join(repository, file), join(root, file));
  if (isSetUp) {
    refuseStalePackages();
    for (const folder of [".tools", "node_modules"])
      symlinkSync(join(repository, folder), join(root, folder));
  }
  return root;
}

/** The clone's own set-up would install anew, through the link, what the tests are running on. */
function refuseStalePackages(): void {
  const lock = createHash("sha256")
    .update(readFileSync(join(repository, "package-lock.json")))
    .digest("hex");
  const installed = readFileSync(join(repository, "node_modules/.nixherd-installed"), "utf8");
  if (!installed.includes(lock))
    throw new Error("The packages are not those of package-lock.json: run scripts/setup.");
}
