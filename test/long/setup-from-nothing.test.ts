import { delimiter } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { cloneRepository, repository } from "../scripts/clone-repository.ts";

/** PATH as it is outside this repository. */
const outerPath = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.startsWith(repository))
  .join(delimiter);

test("one command sets up a fresh clone, OpenTofu included, and finds nothing to do the second time", async () => {
  const root = cloneRepository();
  const bash = (script: string) =>
    execa("bash", ["-c", script], { cwd: root, env: { PATH: outerPath }, all: true });
  await bash("scripts/setup --with-tofu");
  const found = await bash(
    "source scripts/lib/path.sh && node --version && tofu version && biome --version && cdktf --version",
  );
  expect(found.stdout).toMatch(/^v\d+\.\d+\.\d+$/m);
  expect(found.stdout).toMatch(/^OpenTofu v1\.\d+\.\d+$/m);
  const second = await bash("scripts/setup --with-tofu");
  expect(second.all).not.toContain("...");
});
