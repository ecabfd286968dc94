import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

let root: string;

beforeEach(() => {
  root = temporaryFolder(onTestFinished);
  cpSync(resolve("test/golden/three-stacks/vm-specs"), join(root, "vm-specs"), { recursive: true });
});

/** Runs the app as the watcher does, in a repository of three stacks. */
function synthesize(more: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, NIXHERD_SOUND_STACKS: "1", CDKTF_OUTDIR: join(root, "out"), ...more };
  const { status, stderr } = spawnSync(process.execPath, [resolve("stacks/main.ts")], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  const problems = stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  return { status, stderr, problems };
}

const manifest = () => Object.keys(JSON.parse(readFileSync(join(root, "out/manifest.json"), "utf8")).stacks);
const configuration = (stack: string) => readFileSync(join(root, "out/stacks", stack, "cdk.tf.json"), "utf8");

function write(file: string, text: string): void {
  mkdirSync(join(root, file, ".."), { recursive: true });
  writeFileSync(join(root, file), text);
}

test("a stack with problems is left as it was, the others are written, and the exit code says so", () => {
  expect(synthesize().status).toBe(0);
  const stacks = manifest();
  const [spoilt = "", changed = ""] = stacks;
  const before = configuration(spoilt);
  write(`vm-specs/${spoilt}/broken.json`, '{ "vmId": ');
  write(`vm-specs/${changed}/_defaults.json`, '{ "tags": ["new"] }');

  const { status, problems } = synthesize();
  expect(status).toBe(2);
  expect(problems).toEqual([
    expect.objectContaining({ stack: spoilt, file: `vm-specs/${spoilt}/broken.json`, severity: "error" }),
  ]);
  expect(configuration(spoilt)).toBe(before);
  expect(configuration(changed)).toContain('"new"');
  expect(manifest().toSorted()).toEqual(stacks.toSorted());
});

test("a problem of the site file is a problem of every stack, and nothing is written", () => {
  synthesize();
  const [stack = ""] = manifest();
  const before = configuration(stack);
  write(`vm-specs/${stack}/_defaults.json`, '{ "tags": ["new"] }');
  write("vm-specs/_site.json", "{ no json");
  const { status, problems } = synthesize();
  expect(status).toBe(2);
  expect(problems.filter(({ file }) => file === "vm-specs/_site.json")).toEqual([
    expect.objectContaining({ stack: null }),
  ]);
  expect(configuration(stack)).toBe(before);
});

test("a bad stack that was never written is in no manifest, and is not taken for a removed one", () => {
  write("vm-specs/fresh/broken.json", "{");
  expect(synthesize({ NIXHERD_REMOVED_STACKS: "fresh" }).status).toBe(2);
  expect(manifest()).not.toContain("fresh");
});

test("without the variable, one bad file still stops everything", () => {
  rmSync(join(root, "out"), { recursive: true, force: true });
  write("vm-specs/fresh/broken.json", "{");
  const { status, stderr } = synthesize({ NIXHERD_SOUND_STACKS: "" });
  expect(status).toBe(2);
  expect(stderr).toContain("nothing was written");
  expect(() => manifest()).toThrow("ENOENT");
});
