import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { flakeSource } from "../../stacks/flake-source.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "nixherd-flake-"));
  mkdirSync(join(root, "nix"));
  writeFileSync(join(root, "flake.nix"), "{ }");
  writeFileSync(join(root, "nix", "motd.txt"), "hello");
  writeFileSync(join(root, "README.md"), "readme");
});

afterEach(() => rmSync(root, { recursive: true }));

const source = () => flakeSource(root, ".");

test("the same files give the same source", () => {
  expect(source()).toBe(source());
});

test.each([
  ["the flake", "flake.nix"],
  ["a file that Nix modules read", "nix/motd.txt"],
])("a change in %s changes the source", (_, file) => {
  const before = source();
  writeFileSync(join(root, file), "changed");
  expect(source()).not.toBe(before);
});

test("a renamed file changes the source", () => {
  const before = source();
  rmSync(join(root, "nix", "motd.txt"));
  writeFileSync(join(root, "nix", "issue.txt"), "hello");
  expect(source()).not.toBe(before);
});

test("a file that no system is made from does not change the source", () => {
  const before = source();
  writeFileSync(join(root, "README.md"), "changed");
  mkdirSync(join(root, "vm-specs"));
  writeFileSync(join(root, "vm-specs", "web.nix"), "specs have triggers of their own");
  expect(source()).toBe(before);
});

test("in a git repository only tracked files count, as for Nix itself", () => {
  execFileSync("git", ["init", "-q"], { cwd: root });
  execFileSync("git", ["add", "flake.nix"], { cwd: root });
  const before = source();
  writeFileSync(join(root, "nix", "motd.txt"), "untracked");
  expect(source()).toBe(before);
  execFileSync("git", ["add", "nix"], { cwd: root });
  expect(source()).not.toBe(before);
});

test("a flake elsewhere is its own reference", () => {
  expect(flakeSource(root, "github:example/infrastructure")).toBe("github:example/infrastructure");
});
