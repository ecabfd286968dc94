import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

test("a stack whose files are being written is left as it was, and what is wrong in it is not told", () => {
  synthesize();
  const [moving = "", changed = ""] = manifest();
  const before = configuration(moving);
  write(`vm-specs/${moving}/_defaults.json`, '{ "tags": ["half"] }');
  write(`vm-specs/${moving}/broken.json`, '{ "vmId": ');
  write(`vm-specs/${changed}/_defaults.json`, '{ "tags": ["whole"] }');
  expect(synthesize({ NIXHERD_MOVING_STACKS: moving })).toMatchObject({ status: 0, problems: [] });
  expect(configuration(moving)).toBe(before);
  expect(configuration(changed)).toContain('"whole"');
  expect(manifest()).toContain(moving);
});

test("a stack whose folder is gone while its files are being written is not yet a removed one", () => {
  synthesize();
  const [moving = ""] = manifest();
  const before = configuration(moving);
  rmSync(join(root, "vm-specs", moving), { recursive: true });
  const variables = { NIXHERD_MOVING_STACKS: moving, NIXHERD_REMOVED_STACKS: moving };
  expect(synthesize(variables).status).toBe(0);
  expect(configuration(moving)).toBe(before);
  expect(manifest()).toContain(moving);
  expect(synthesize({ NIXHERD_REMOVED_STACKS: moving }).status).toBe(0);
  expect(configuration(moving)).not.toBe(before);
});

test("a machine that a moving stack has as well is a problem of the quiet one", () => {
  const [moving = "", quiet = ""] = synthesize().status === 0 ? manifest() : [];
  const folder = join(root, "vm-specs", moving);
  const [name = ""] = readdirSync(folder).filter((file) => !file.startsWith("_"));
  cpSync(join(folder, name), join(root, "vm-specs", quiet, name));
  const { status, problems } = synthesize({ NIXHERD_MOVING_STACKS: moving });
  expect(status).toBe(2);
  expect(problems.map(({ stack }) => stack)).toContain(quiet);
  expect(problems.map(({ stack }) => stack)).not.toContain(moving);
});

test("without the variable, one bad file still stops everything", () => {
  rmSync(join(root, "out"), { recursive: true, force: true });
  write("vm-specs/fresh/broken.json", "{");
  const { status, stderr } = synthesize({ NIXHERD_SOUND_STACKS: "" });
  expect(status).toBe(2);
  expect(stderr).toContain("nothing was written");
  expect(() => manifest()).toThrow("ENOENT");
});
