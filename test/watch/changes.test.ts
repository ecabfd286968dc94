import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { isForeign, watchChanges } from "../../cli/pipeline/watch/watch-changes.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

let root: string;
let told: string[];

const write = (file: string, text = "{}"): void => {
  mkdirSync(join(root, file, ".."), { recursive: true });
  writeFileSync(join(root, file), text);
};

beforeEach(async () => {
  root = temporaryFolder(onTestFinished);
  told = [];
  write("vm-specs/prod/web-1.json");
  write("vm-specs/prod/web-2.json");
  write("nix/hosts/web.nix");
  write(".nixherd/held/prod.json");
  write("cdktf.out/manifest.json");
  write("node_modules/some/file.js");
  execFileSync("git", ["init", "-q"], { cwd: root });
  const watched = await watchChanges(root, {
    onChange: () => told.push("change"),
    onReleased: (stack) => told.push(`released ${stack}`),
    onSuspension: () => told.push("suspension"),
    onError: (error) => told.push(error.message),
  });
  onTestFinished(() => watched.close());
});

const edits: Readonly<Record<string, () => void>> = {
  "a saved file": () => write("vm-specs/prod/web-1.json", "[]"),
  "an atomic save": () => {
    write("vm-specs/prod/web-1.json.new", "[]");
    renameSync(join(root, "vm-specs/prod/web-1.json.new"), join(root, "vm-specs/prod/web-1.json"));
  },
  "a deletion": () => unlinkSync(join(root, "vm-specs/prod/web-2.json")),
  "a renamed file": () =>
    renameSync(join(root, "vm-specs/prod/web-1.json"), join(root, "vm-specs/prod/web-9.json")),
  "a new stack": () => write("vm-specs/fresh/web-3.json"),
  "a stack that went": () => rmSync(join(root, "vm-specs/prod"), { recursive: true }),
  "a module in a folder": () => write("nix/hosts/web.nix", "{ }"),
  "a file that git begins to track": () => void execFileSync("git", ["add", "nix"], { cwd: root }),
};

test.each(Object.keys(edits))("%s is told", async (name) => {
  edits[name]?.();
  await until(() => (told.includes("change") ? true : undefined), { what: () => name });
});

test("a plan that is held no more and a suspension are told as such, and nothing of ours is a change", async () => {
  unlinkSync(join(root, ".nixherd/held/prod.json"));
  write(".nixherd/watch/suspended/prod", "");
  write(".nixherd/watch/status.json");
  write("cdktf.out/stacks/prod/cdk.tf.json");
  write("terraform.prod.tfstate");
  write(".terraform.prod.tfstate.lock.info");
  write("node_modules/other/file.js");
  await until(() => (told.includes("released prod") && told.includes("suspension") ? true : undefined));
  // Events come in order: what was ignored above would be there before this.
  write("vm-specs/prod/web-1.json", "[]");
  await until(() => (told.includes("change") ? true : undefined));
  expect(told.filter((each) => each === "change")).toHaveLength(1);
});

test("a checkout of hundreds of files is told until its end", async () => {
  for (let index = 0; index < 500; index++) write(`vm-specs/many/web-${index}.json`);
  await until(() => (told.length >= 500 ? true : undefined), {
    what: () => `500 changes instead of ${told.length}`,
  });
});

test("files of ours, of git and of editors are foreign, those that Nix and synthesis read are not", () => {
  for (const path of [
    ".git/HEAD",
    ".nixherd/watch/status.json",
    "cdktf.out/manifest.json",
    "a/node_modules/b",
    "terraform.prod.tfstate",
    "terraform.prod.tfstate.backup",
    "vm-specs/prod/.web-1.json.swp",
    "vm-specs/prod/web-1.json~",
  ])
    expect(isForeign(path), path).toBe(true);
  for (const path of ["", "vm-specs/prod/web-1.json", "flake.lock", ".git", ".git/index", "keys/ops.pub"])
    expect(isForeign(path), path).toBe(false);
});
