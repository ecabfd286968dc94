import { expect } from "vitest";
import type { TestRepository } from "./test-repository.ts";

/** What a user has under version control; the packages are links here. */
const committed = [
  "cdktf.json",
  "constructs",
  "flake.nix",
  "lib",
  "nix",
  "scripts",
  "specs",
  "stacks",
  "vm-specs",
];
const identity = ["-c", "user.name=ops", "-c", "user.email=ops@example.org"];

/** Commits the repository as it is. */
export async function commitAll(repository: TestRepository): Promise<void> {
  await repository.run("git", ["add", "-f", ...committed]);
  const commit = await repository.run("git", [...identity, "commit", "-q", "-m", "as it is"]);
  expect(commit.exitCode, commit.all).toBe(0);
}
